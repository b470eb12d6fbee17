using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Matching;

/// <summary>A regular expression over UTF-8 text and attribute values. Thread-safe; matching takes time linear in the text.</summary>
/// <remarks>
/// The Collector's expressions are RE2's, which have no look-around and no back references; the engine used here has
/// the same limits, so an expression that could take exponential time cannot be configured.
/// </remarks>
public sealed class Utf8Pattern
{
    private const int StackCharsMax = 256;
    private const int NumberBytesMax = 32;

    private Utf8Pattern(Regex regex) => Expression = regex;

    /// <summary>The expression, for uses that need its groups.</summary>
    public Regex Expression { get; }

    /// <summary>Compiles an expression; RE2's <c>(?P&lt;name&gt;...)</c> is understood.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="compiled">The compiled expression.</param>
    /// <param name="problem">What is wrong with it, as a clause.</param>
    public static bool TryCompile(
        string pattern, [NotNullWhen(true)] out Utf8Pattern? compiled, [NotNullWhen(false)] out string? problem)
    {
        compiled = null;
        problem = null;
        try
        {
            compiled = new Utf8Pattern(new Regex(
                NetSyntax(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = $"must be a regular expression in RE2 syntax, got \"{pattern}\": {e.Message}";
            return false;
        }
    }

    /// <summary>Whether the expression matches somewhere in the text.</summary>
    /// <param name="utf8">The text; what is not UTF-8 is read as U+FFFD.</param>
    public bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length <= StackCharsMax)
        {
            Span<char> chars = stackalloc char[StackCharsMax];
            return Expression.IsMatch(chars[..Encoding.UTF8.GetChars(utf8, chars)]);
        }

        var rented = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            return Expression.IsMatch(rented.AsSpan(0, Encoding.UTF8.GetChars(utf8, rented)));
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

    // An escaped parenthesis is text, not a group.
    private static string NetSyntax(string pattern)
    {
        var text = new StringBuilder(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            text.Append(pattern[i]);
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                text.Append(pattern[++i]);
            }
            else if (pattern[i] == '(' && string.CompareOrdinal(pattern, i, "(?P<", 0, 4) == 0)
            {
                text.Append('?');
                i += 2;
            }
        }

        return text.ToString();
    }
}
