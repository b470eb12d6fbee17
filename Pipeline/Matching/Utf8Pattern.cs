using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Matching;

/// <summary>
/// A regular expression in RE2 syntax over UTF-8 text and attribute values. Thread-safe; whether it matches is decided in time
/// linear in the text.
/// </summary>
public sealed class Utf8Pattern
{
    private const int StackCharsMax = 256;
    private const int NumberBytesMax = 32;

    // Long enough for any expression that does not explode, short enough to bound what a text can cost.
    private static readonly TimeSpan PlacesTimeMax = TimeSpan.FromMilliseconds(250);

    private readonly Regex _regex;

    // .NET's linear engine decides correctly whether an expression matches, but may report a later place than the first:
    // "[0-9]?a" is found at 5 in "7bxabab". So places come from the backtracking engine, within a time limit.
    private readonly Regex _places;
    private readonly PatternAlphabet _alphabet;
    private readonly string[] _groupNames;

    private Utf8Pattern(TranslatedPattern translated)
    {
        _regex = new Regex(translated.Expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        _places = new Regex(translated.PlacesExpression, RegexOptions.CultureInvariant, PlacesTimeMax);
        _alphabet = translated.Alphabet;
        _groupNames = translated.GroupNames;
    }

    /// <summary>Writes what replaces a match.</summary>
    /// <param name="match">The matched text.</param>
    /// <param name="output">Receives the replacement.</param>
    public delegate void MatchWriter(ReadOnlySpan<byte> match, IBufferWriter<byte> output);

    /// <summary>Names of the capture groups from the first on; empty for a group without a name.</summary>
    public IReadOnlyList<string> GroupNames => _groupNames;

    /// <summary>Compiles an expression.</summary>
    /// <param name="pattern">The expression in the syntax of Go's <c>regexp</c> package.</param>
    /// <param name="compiled">The compiled expression.</param>
    /// <param name="problem">The reason why it is refused, as a clause.</param>
    /// <param name="wholeText">Whether it must match a text from its beginning to its end; by default anywhere.</param>
    public static bool TryCompile(
        string pattern,
        [NotNullWhen(true)] out Utf8Pattern? compiled,
        [NotNullWhen(false)] out string? problem,
        bool wholeText = false)
    {
        compiled = null;
        var translated = Re2Translator.Translate(pattern, wholeText, out problem);
        if (translated is not null)
        {
            try
            {
                compiled = new Utf8Pattern(translated);
                return true;
            }
            catch (NotSupportedException)
            {
                // The engine bounds the size of what it builds from nested repetitions.
                problem = "expression too large";
            }
        }

        problem = $"must be a regular expression in RE2 syntax, got \"{pattern}\": {problem}";
        return false;
    }

    /// <summary>Whether the expression matches somewhere in the text.</summary>
    /// <param name="utf8">The text; each byte that is not UTF-8 is read as U+FFFD.</param>
    public bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length <= StackCharsMax)
        {
            Span<char> chars = stackalloc char[StackCharsMax];
            return _regex.IsMatch(chars[.._alphabet.Map(utf8, chars)]);
        }

        var rented = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            return _regex.IsMatch(rented.AsSpan(0, _alphabet.Map(utf8, rented)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    /// <summary>Whether the expression matches somewhere in the value's text form.</summary>
    /// <param name="value">The value.</param>
    public bool IsMatch(AnyValueView value)
    {
        switch (value.Kind)
        {
            case AnyValueKind.Text:
                return IsMatch(value.Text);
            case AnyValueKind.Bool:
                return IsMatch(value.Bool ? "true"u8 : "false"u8);
            case AnyValueKind.Int:
                return IsMatch(value.Int);
            default:
                var text = new ArrayBufferWriter<byte>(NumberBytesMax);
                value.WriteText(text);
                return IsMatch(text.WrittenSpan);
        }
    }

    /// <summary>Whether the expression matches somewhere in the number's decimal form.</summary>
    /// <param name="number">The number.</param>
    public bool IsMatch(long number)
    {
        Span<byte> text = stackalloc byte[NumberBytesMax];
        return number.TryFormat(text, out var length) && IsMatch(text[..length]);
    }

    /// <summary>The place of the first match and of its groups in the text; null when the expression does not match.</summary>
    /// <param name="utf8">The text.</param>
    /// <returns>The match, then a range for each of <see cref="GroupNames"/>; null for a group that took no part.</returns>
    public Range?[]? Match(ReadOnlySpan<byte> utf8)
    {
        var chars = new char[utf8.Length];
        var match = FindFirst(new string(chars, 0, _alphabet.Map(utf8, chars)));
        if (!match.Success)
        {
            return null;
        }

        var places = new Range?[_groupNames.Length + 1];
        for (var i = 0; i < places.Length; i++)
        {
            var group = match.Groups[i];
            if (group.Success)
            {
                var start = PatternAlphabet.BytesOf(utf8, group.Index);
                places[i] = start..(start + PatternAlphabet.BytesOf(utf8[start..], group.Length));
            }
        }

        return places;
    }

    /// <summary>Replaces every match that is not empty; the whole text if the matches are not found in time.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="output">Receives the changed text; nothing when there is no match.</param>
    /// <param name="write">Writes what replaces a match.</param>
    /// <returns>Whether anything was replaced.</returns>
    public bool TryReplace(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output, MatchWriter write)
    {
        var rented = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            var chars = rented.AsSpan(0, _alphabet.Map(utf8, rented));
            if (!_regex.IsMatch(chars))
            {
                return false;
            }

            return FindAll(_places, chars) is { } matches ? Replace(utf8, matches, output, write) : ReplaceWhole(utf8, output, write);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private static bool ReplaceWhole(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output, MatchWriter write)
    {
        write(utf8, output);
        return true;
    }

    private static bool Replace(ReadOnlySpan<byte> utf8, List<(int Index, int Length)> matches, IBufferWriter<byte> output, MatchWriter write)
    {
        var (doneBytes, doneChars) = (0, 0);
        foreach (var (index, count) in matches)
        {
            var start = doneBytes + PatternAlphabet.BytesOf(utf8[doneBytes..], index - doneChars);
            var length = PatternAlphabet.BytesOf(utf8[start..], count);
            output.Write(utf8[doneBytes..start]);
            write(utf8.Slice(start, length), output);
            (doneBytes, doneChars) = (start + length, index + count);
        }

        if (doneBytes > 0)
        {
            output.Write(utf8[doneBytes..]);
        }

        return doneBytes > 0;
    }

    // Null where the time limit was reached.
    private List<(int Index, int Length)>? FindAll(Regex regex, ReadOnlySpan<char> chars)
    {
        var matches = new List<(int Index, int Length)>();
        try
        {
            foreach (var match in regex.EnumerateMatches(chars))
            {
                if (match.Length > 0)
                {
                    matches.Add((match.Index, match.Length));
                }
            }

            // The backtracking engine gives up on some repetitions of what may be empty that the linear one finds.
            return matches.Count > 0 || ReferenceEquals(regex, _regex) ? matches : FindAll(_regex, chars);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private Match FindFirst(string text)
    {
        var match = _regex.Match(text);
        if (!match.Success)
        {
            return match;
        }

        try
        {
            return _places.Match(text) is { Success: true } place && place.Index <= match.Index ? place : match;
        }
        catch (RegexMatchTimeoutException)
        {
            return match;
        }
    }
}
