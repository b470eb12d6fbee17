using System.Text;

namespace TelemetryPipeline.Pipeline.Matching;

/// <summary>Reads the runes, escapes and classes of an RE2 expression; a fault becomes <see cref="Problem"/>.</summary>
/// <param name="pattern">The expression.</param>
internal sealed class Re2Reader(string pattern)
{
    private const int OctalDigitsMax = 3;

    /// <summary>The first fault as a clause; null while there is none.</summary>
    public string? Problem { get; private set; }

    /// <summary>Where the next character is read.</summary>
    public int At { get; set; }

    /// <summary>Whether everything is read.</summary>
    public bool IsAtEnd => At >= pattern.Length;

    /// <summary>Where the expression ends.</summary>
    public int End => pattern.Length;

    /// <summary>The next character; NUL at the end.</summary>
    public char Next => Peek(0);

    /// <summary>A character further on; NUL behind the end.</summary>
    public char Peek(int offset) => At + offset < pattern.Length ? pattern[At + offset] : '\0';

    /// <summary>Whether the rest begins with a text.</summary>
    public bool StartsWith(string text) => string.CompareOrdinal(pattern, At, text, 0, text.Length) == 0;

    /// <summary>The place of a text in the rest; -1 for none.</summary>
    public int Find(string text) => pattern.IndexOf(text, Math.Min(At, pattern.Length), StringComparison.Ordinal);

    /// <summary>The text between two places.</summary>
    public string Slice(int start, int end) => pattern[start..Math.Min(end, pattern.Length)];

    /// <summary>Records a fault in the text from <paramref name="start"/> to the current place.</summary>
    public void Refuse(string reason, int start) => Problem ??= $"{reason}: `{Slice(start, At)}`";

    /// <summary>Reads a code point.</summary>
    public int ReadRune()
    {
        if (Rune.TryGetRuneAt(pattern, At, out var rune))
        {
            At += rune.Utf16SequenceLength;
            return rune.Value;
        }

        At++;
        Problem ??= "invalid UTF-16";
        return Rune.ReplacementChar.Value;
    }

    /// <summary>Reads an escaped character from its backslash on.</summary>
    public int ReadEscape()
    {
        var start = At++;
        if (IsAtEnd)
        {
            Problem ??= "trailing backslash at end of expression";
            return 0;
        }

        var value = ReadRune();
        switch (value)
        {
            case 'a':
                return '\a';
            case 'f' or 'n' or 'r' or 't' or 'v':
                return "\f\n\r\t\v"["fnrtv".IndexOf((char)value, StringComparison.Ordinal)];
            case 'x' when TryReadHex(out var hex):
                return hex;
            case '0':
            case >= '1' and <= '7' when Next is >= '0' and <= '7':
                return ReadOctal(value - '0');
            case < 0x80 when !char.IsAsciiLetterOrDigit((char)value):
                return value;
            default:
                Refuse("invalid escape sequence", start);
                return 0;
        }
    }

    /// <summary>Reads a group such as <c>\pL</c>, <c>\P{Greek}</c> or <c>\d</c>; null when the rest begins with none.</summary>
    public CodePointSet? ReadGroup(bool foldsCase)
    {
        if (Next != '\\')
        {
            return null;
        }

        var letter = Peek(1);
        if (letter is 'p' or 'P')
        {
            return ReadUnicodeGroup(foldsCase);
        }

        if (UnicodeGroups.FindPerl(char.ToLowerInvariant(letter)) is not { } perl || letter > 'z')
        {
            return null;
        }

        At += 2;
        return Signed(perl, char.IsAsciiLetterUpper(letter), foldsCase);
    }

    /// <summary>Reads a class from its opening bracket on.</summary>
    public CodePointSet ReadClass(bool foldsCase)
    {
        var start = At++;
        var set = new CodePointSet();
        var isNegated = Next == '^' && !IsAtEnd;
        At += isNegated ? 1 : 0;
        for (var isFirst = true; Problem is null && (IsAtEnd || Next != ']' || isFirst); isFirst = false)
        {
            if (IsAtEnd)
            {
                Refuse("missing closing ]", start);
                break;
            }

            if (ReadPosixClass(foldsCase) is { } posix)
            {
                set.Add(posix);
            }
            else if (ReadGroup(foldsCase) is { } group)
            {
                set.Add(group);
            }
            else if (Problem is null)
            {
                AddRange(set, start, foldsCase);
            }
        }

        At++;
        return isNegated ? set.Negated() : set;
    }

    private static CodePointSet Signed(CodePointSet set, bool isNegated, bool foldsCase)
    {
        // Folded first: what differs from an excluded letter only by case is excluded as well.
        set = foldsCase ? set.Folded() : set;
        return isNegated ? set.Negated() : set;
    }

    private void AddRange(CodePointSet set, int classStart, bool foldsCase)
    {
        var start = At;
        var first = ReadClassRune();
        var last = first;
        if (Next == '-' && At + 1 < pattern.Length && Peek(1) != ']')
        {
            At++;
            if (IsAtEnd)
            {
                Refuse("missing closing ]", classStart);
                return;
            }

            last = ReadClassRune();
            if (last < first)
            {
                Refuse("invalid character class range", start);
                return;
            }
        }

        var range = new CodePointSet().Add(first, last);
        set.Add(foldsCase ? range.Folded() : range);
    }

    private int ReadClassRune() => Next == '\\' ? ReadEscape() : ReadRune();

    private CodePointSet? ReadPosixClass(bool foldsCase)
    {
        if (!StartsWith("[:") || pattern.IndexOf(":]", At + 2, StringComparison.Ordinal) is var end && end < 0)
        {
            return null;
        }

        var start = At;
        var isNegated = Peek(2) == '^';
        var name = Slice(At + (isNegated ? 3 : 2), end);
        At = end + 2;
        if (UnicodeGroups.FindPosix(name) is { } set)
        {
            return Signed(set, isNegated, foldsCase);
        }

        Refuse("invalid character class range", start);
        return null;
    }

    private CodePointSet? ReadUnicodeGroup(bool foldsCase)
    {
        var start = At;
        var isNegated = Peek(1) == 'P';
        At += 2;
        string name;
        if (Next == '{')
        {
            var end = Find("}");
            if (end < 0)
            {
                At = End;
                Refuse("invalid character class range", start);
                return null;
            }

            name = Slice(At + 1, end);
            At = end + 1;
        }
        else
        {
            name = IsAtEnd ? "" : new Rune(ReadRune()).ToString();
        }

        if (name.StartsWith('^'))
        {
            isNegated = !isNegated;
            name = name[1..];
        }

        if (UnicodeGroups.Find(name) is { } set)
        {
            return Signed(set, isNegated, foldsCase);
        }

        Refuse("unknown Unicode category or script", start);
        return null;
    }

    private int ReadOctal(int value)
    {
        for (var i = 1; i < OctalDigitsMax && Next is >= '0' and <= '7'; i++)
        {
            value = (value * 8) + (pattern[At++] - '0');
        }

        return value;
    }

    private bool TryReadHex(out int value)
    {
        value = 0;
        if (Next != '{')
        {
            if (!char.IsAsciiHexDigit(Next) || !char.IsAsciiHexDigit(Peek(1)))
            {
                return false;
            }

            value = Convert.FromHexString(pattern.AsSpan(At, 2))[0];
            At += 2;
            return true;
        }

        var digits = 0;
        for (At++; char.IsAsciiHexDigit(Next); At++, digits++)
        {
            value = (value * 16) + Convert.FromHexString(['0', Next])[0];
            if (value > CodePointSet.Last)
            {
                return false;
            }
        }

        return digits > 0 && Next == '}' && ++At > 0;
    }
}
