using System.Buffers;
using System.Globalization;
using System.Text;

namespace TelemetryPipeline.Pipeline.Matching;

/// <summary>
/// Maps each code point to one character: ASCII to itself, and all others that an expression cannot tell apart to the same
/// character of the private use area. Thread-safe.
/// </summary>
/// <remarks>
/// RE2 matches code points, .NET UTF-16 units: without this a supplementary character would be two. Characters of the private
/// use area are no word characters, so that .NET's word boundaries are those of ASCII, as RE2's are.
/// </remarks>
internal sealed class PatternAlphabet
{
    private const int AsciiEnd = 0x80;
    private const char ClassesFrom = '\uE000';
    private const int ClassesMax = 0xF8FF - ClassesFrom + 1;

    private readonly int[] _starts;
    private readonly char[] _classes;

    private PatternAlphabet(int[] starts, char[] classes)
    {
        _starts = starts;
        _classes = classes;
    }

    /// <summary>Creates the alphabet of an expression with these sets; null when they tell too many characters apart.</summary>
    public static PatternAlphabet? Create(IReadOnlyCollection<CodePointSet> sets)
    {
        var distinct = new HashSet<CodePointSet>(sets, ReferenceEqualityComparer.Instance);
        var boundaries = new SortedSet<int> { AsciiEnd };
        foreach (var set in distinct)
        {
            foreach (var (first, last) in set.Ranges)
            {
                AddBoundary(first);
                AddBoundary(last + 1);
            }
        }

        int[] starts = [.. boundaries];
        var classes = new int[starts.Length];
        foreach (var set in distinct)
        {
            // Each set parts the classes so far into what it has and what it has not.
            var parted = new Dictionary<(int, bool), int>();
            for (var i = 0; i < starts.Length; i++)
            {
                var part = (classes[i], set.Contains(starts[i]));
                if (!parted.TryGetValue(part, out classes[i]))
                {
                    parted.Add(part, classes[i] = parted.Count);
                }
            }

            if (parted.Count > ClassesMax)
            {
                return null;
            }
        }

        return new PatternAlphabet(starts, Array.ConvertAll(classes, c => (char)(ClassesFrom + c)));

        void AddBoundary(int codePoint)
        {
            if (codePoint is > AsciiEnd and <= CodePointSet.Last)
            {
                boundaries.Add(codePoint);
            }
        }
    }

    /// <summary>Appends a class that matches the characters of a set.</summary>
    public void AppendClass(CodePointSet set, StringBuilder text)
    {
        var characters = new CodePointSet();
        foreach (var (first, last) in set.Ranges)
        {
            if (first < AsciiEnd)
            {
                characters.Add(first, Math.Min(last, AsciiEnd - 1));
            }
        }

        for (var i = 0; i < _starts.Length; i++)
        {
            if (set.Contains(_starts[i]))
            {
                characters.Add(_classes[i], _classes[i]);
            }
        }

        if (characters.Ranges.Count == 0)
        {
            text.Append(@"[^\s\S]");
            return;
        }

        text.Append('[');
        foreach (var (first, last) in characters.Ranges)
        {
            text.Append(CultureInfo.InvariantCulture, $@"\u{first:X4}");
            if (last > first)
            {
                text.Append(CultureInfo.InvariantCulture, $@"-\u{last:X4}");
            }
        }

        text.Append(']');
    }

    /// <summary>Maps UTF-8 to characters, one for each code point and one for each byte that is not UTF-8.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="characters">The characters; at least as many as there are bytes.</param>
    /// <returns>How many characters there are.</returns>
    public int Map(ReadOnlySpan<byte> utf8, Span<char> characters)
    {
        Ascii.ToUtf16(utf8, characters, out var length);
        for (var at = length; at < utf8.Length;)
        {
            if (utf8[at] < AsciiEnd)
            {
                characters[length++] = (char)utf8[at++];
                continue;
            }

            at += RuneLength(utf8[at..], out var codePoint);
            characters[length++] = ClassOf(codePoint);
        }

        return length;
    }

    /// <summary>How many bytes so many characters take.</summary>
    public static int BytesOf(ReadOnlySpan<byte> utf8, int characters)
    {
        var at = 0;
        for (; characters > 0; characters--)
        {
            at += utf8[at] < AsciiEnd ? 1 : RuneLength(utf8[at..], out _);
        }

        return at;
    }

    // As Go decodes: a byte that begins no code point stands for U+FFFD by itself.
    private static int RuneLength(ReadOnlySpan<byte> utf8, out int codePoint)
    {
        var isValid = Rune.DecodeFromUtf8(utf8, out var rune, out var length) == OperationStatus.Done;
        codePoint = rune.Value;
        return isValid ? length : 1;
    }

    private char ClassOf(int codePoint)
    {
        var index = Array.BinarySearch(_starts, codePoint);
        return _classes[index < 0 ? ~index - 1 : index];
    }
}
