using System.Numerics;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>
/// A set of predicates, a bit each, in memory of the caller's: on the stack for a span, in a trace's record for a trace.
/// </summary>
/// <param name="words">The bits, 64 a word; as many words as <see cref="WordsFor"/> says.</param>
internal readonly ref struct PredicateHits(Span<ulong> words)
{
    private const int BitsPerWord = 64;
    private readonly Span<ulong> _words = words;

    /// <summary>Whether no predicate is in the set.</summary>
    public bool IsEmpty => !_words.ContainsAnyExcept(0UL);

    /// <summary>Whether a predicate is in the set.</summary>
    /// <param name="predicate">Its index.</param>
    public bool this[int predicate] => (_words[predicate / BitsPerWord] >> (predicate % BitsPerWord) & 1) != 0;

    /// <summary>Words that a number of predicates needs.</summary>
    /// <param name="predicates">The number.</param>
    public static int WordsFor(int predicates) => (predicates + BitsPerWord - 1) / BitsPerWord;

    /// <summary>Puts a predicate into the set.</summary>
    /// <param name="predicate">Its index.</param>
    public void Set(int predicate) => _words[predicate / BitsPerWord] |= 1UL << (predicate % BitsPerWord);

    /// <summary>Empties the set.</summary>
    public void Clear() => _words.Clear();

    /// <summary>Adds the predicates of another set; of a longer one, those that this one has room for.</summary>
    /// <param name="other">The other set.</param>
    public void Add(PredicateHits other)
    {
        var count = Math.Min(_words.Length, other._words.Length);
        for (var i = 0; i < count; i++)
        {
            _words[i] |= other._words[i];
        }
    }

    /// <summary>The predicates of the set in order; start with -1.</summary>
    /// <param name="after">The one before.</param>
    /// <returns>The next index, or -1 after the last.</returns>
    public int Next(int after)
    {
        var bit = after + 1;
        var word = bit / BitsPerWord;
        if (word >= _words.Length)
        {
            return -1;
        }

        var rest = _words[word] & (ulong.MaxValue << (bit % BitsPerWord));
        while (rest == 0)
        {
            if (++word == _words.Length)
            {
                return -1;
            }

            rest = _words[word];
        }

        return (word * BitsPerWord) + BitOperations.TrailingZeroCount(rest);
    }
}
