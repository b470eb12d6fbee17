using System.Runtime.CompilerServices;

namespace TelemetryPipeline.Otlp;

/// <summary>A set of slots, to ask with one look whether a node has any attribute of many.</summary>
public readonly record struct SlotMask
{
    /// <summary>How many words a set has.</summary>
    public const int WordCount = AttributeSlots.MaxKeys / BitsPerWord;

    /// <summary>How many slots a word has.</summary>
    public const int BitsPerWord = 64;

    private readonly Words _words;

    /// <summary>The set of some slots.</summary>
    /// <param name="slots">Slots that <see cref="AttributeSlots.Register"/> gave out.</param>
    public SlotMask(params ReadOnlySpan<int> slots)
    {
        foreach (var slot in slots)
        {
            _words[slot / BitsPerWord] |= 1UL << slot;
        }
    }

    private SlotMask(ReadOnlySpan<ulong> words) => words.CopyTo(_words);

    private SlotMask(in SlotMask other, int slot)
    {
        _words = other._words;
        _words[slot / BitsPerWord] |= 1UL << slot;
    }

    /// <summary>Whether the set has a slot.</summary>
    /// <param name="slot">The slot.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(int slot) => (_words[slot / BitsPerWord] >> slot & 1) != 0;

    /// <summary>The set with a slot more.</summary>
    /// <param name="slot">The slot.</param>
    public SlotMask With(int slot) => new(this, slot);

    /// <summary>Whether two sets have a slot in common.</summary>
    /// <param name="other">The other set.</param>
    public bool Overlaps(in SlotMask other) =>
        ((_words[0] & other._words[0]) | (_words[1] & other._words[1]) | (_words[2] & other._words[2]) | (_words[3] & other._words[3])) != 0;

    /// <summary>The slots that two sets have in common.</summary>
    /// <param name="other">The other set.</param>
    public SlotMask And(in SlotMask other) =>
        new([_words[0] & other._words[0], _words[1] & other._words[1], _words[2] & other._words[2], _words[3] & other._words[3]]);

    /// <summary>The slots that either of two sets has.</summary>
    /// <param name="other">The other set.</param>
    public SlotMask Or(in SlotMask other) =>
        new([_words[0] | other._words[0], _words[1] | other._words[1], _words[2] | other._words[2], _words[3] | other._words[3]]);

    /// <summary>The slots from 64 times the index on, a bit each, for walking over a set.</summary>
    /// <param name="index">0 to <see cref="WordCount"/> - 1.</param>
    public ulong Word(int index) => _words[index];

    /// <inheritdoc/>
    public bool Equals(SlotMask other) => ((ReadOnlySpan<ulong>)_words).SequenceEqual(other._words);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_words[0], _words[1], _words[2], _words[3]);

    /// <summary>The set that a slot table keeps as words.</summary>
    internal static SlotMask OfWords(ReadOnlySpan<ulong> words) => new(words);

    [InlineArray(WordCount)]
    private struct Words
    {
        private ulong _first;
    }
}
