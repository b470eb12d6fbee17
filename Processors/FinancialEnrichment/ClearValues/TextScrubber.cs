using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Matching;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Processors.FinancialEnrichment.ClearValues;

/// <summary>
/// Replaces personal numbers in texts: a text that is nothing else becomes the pseudonym, inside other words stands
/// <c>[kind:pseudonym]</c>. Not thread-safe.
/// </summary>
/// <param name="kinds">What is looked for.</param>
/// <param name="custom">Expressions of the user's own.</param>
/// <param name="pseudonyms">Makes the pseudonyms, for the tenant it was last told to use.</param>
internal sealed class TextScrubber(
    ClearValueKinds kinds, IReadOnlyList<(string Name, Utf8Pattern Pattern)> custom, Pseudonymizer pseudonyms) : ITextRewriter
{
    /// <summary>What stands for a value of a tenant that has no salt.</summary>
    public const string Redacted = "[REDACTED]";

    /// <summary>Names of what was replaced, in the order of <see cref="Replaced"/>; custom patterns follow as one.</summary>
    public static readonly string[] KindNames = ["resident_id", "card_number", "phone", "attribute_value", "custom"];

    /// <summary>Where <see cref="Replaced"/> counts whole attribute values, and copies of them elsewhere.</summary>
    public const int AttributeIndex = 3;

    private const int CustomIndex = 4;
    private const int LiteralBytesMax = 256;

    // A shorter value would be found in words it has nothing to do with.
    private const int LiteralBytesMin = 6;

    private readonly byte[] _literal = new byte[LiteralBytesMax];
    private int _literalLength;

    /// <summary>How many values were replaced since the last reset, by kind.</summary>
    public int[] Replaced { get; } = new int[KindNames.Length];

    /// <summary>Whether nothing can be ruled out without looking at every text.</summary>
    public bool HasCustomPatterns => custom.Count > 0;

    /// <summary>A value to be replaced wherever it is found; empty for none.</summary>
    public ReadOnlySpan<byte> Literal => _literal.AsSpan(0, _literalLength);

    /// <summary>Names a value to be replaced wherever it is found. Short and very long ones are left alone.</summary>
    public void SetLiteral(ReadOnlySpan<byte> literal)
    {
        _literalLength = literal.Length is >= LiteralBytesMin and <= LiteralBytesMax ? literal.Length : 0;
        literal[.._literalLength].CopyTo(_literal);
    }

    /// <summary>Whether a message may hold something to be replaced.</summary>
    public bool MayContain(ReadOnlySpan<byte> message) => HasCustomPatterns || (kinds != 0 && ClearValueProbe.MayContain(message, kinds));

    /// <inheritdoc/>
    public bool TryRewrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        if (Pseudonymizer.IsPseudonym(text))
        {
            return false;
        }

        if (HasCustomPatterns && TryCustom(text, output))
        {
            return true;
        }

        var done = 0;
        while (TryFindNext(text, done, out var start, out var length, out var index))
        {
            output.Write(text[done..start]);
            WriteReplacement(text.Slice(start, length), length == text.Length, index, output);
            done = start + length;
        }

        if (done > 0)
        {
            output.Write(text[done..]);
        }

        return done > 0;
    }

    /// <inheritdoc/>
    public bool TryRewrite(long number, IBufferWriter<byte> output)
    {
        var kind = ClearValueFinder.KindOf(number, kinds);
        if (kind == ClearValueKinds.None)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[20];
        number.TryFormat(text, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        WriteReplacement(text[..length], whole: true, IndexOf(kind), output);
        return true;
    }

    private static int IndexOf(ClearValueKinds kind) => System.Numerics.BitOperations.TrailingZeroCount((int)kind);

    private bool TryFindNext(ReadOnlySpan<byte> text, int from, out int start, out int length, out int index)
    {
        var found = ClearValueFinder.TryFind(text, from, kinds, out start, out length, out var kind);
        index = found ? IndexOf(kind) : 0;
        var literal = _literalLength == 0 ? -1 : text[from..].IndexOf(Literal);
        if (literal >= 0 && (!found || from + literal <= start))
        {
            start = from + literal;
            length = _literalLength;
            index = AttributeIndex;
            found = true;
        }

        return found;
    }

    private void WriteReplacement(ReadOnlySpan<byte> clear, bool whole, int index, IBufferWriter<byte> output)
    {
        Replaced[index]++;
        Span<byte> hex = stackalloc byte[PseudonymHasher.HexLength];
        if (pseudonyms.Current is { } salt)
        {
            pseudonyms.Replace(salt, clear, hex);
        }
        else
        {
            hex = hex[..Encoding.UTF8.GetBytes(Redacted, hex)];
        }

        if (whole)
        {
            output.Write(hex);
            return;
        }

        output.Write("["u8);
        output.Write(Encoding.UTF8.GetBytes(KindNames[index]));
        output.Write(":"u8);
        output.Write(hex);
        output.Write("]"u8);
    }

    // Only where custom patterns are configured: text has to become UTF-16 for them.
    private bool TryCustom(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        var before = Encoding.UTF8.GetString(text);
        var after = before;
        foreach (var (name, pattern) in custom)
        {
            if (pattern.IsMatch(text))
            {
                after = pattern.Expression.Replace(after, match => Replacement(match, name));
            }
        }

        if (after == before)
        {
            return false;
        }

        // What the known kinds find is replaced in the same go.
        var rest = Encoding.UTF8.GetBytes(after);
        var done = 0;
        while (TryFindNext(rest, done, out var start, out var length, out var index))
        {
            output.Write(rest.AsSpan(done, start - done));
            WriteReplacement(rest.AsSpan(start, length), whole: false, index, output);
            done = start + length;
        }

        output.Write(rest.AsSpan(done));
        return true;
    }

    private string Replacement(Match match, string name)
    {
        if (match.Length == 0)
        {
            return match.Value;
        }

        Replaced[CustomIndex]++;
        Span<byte> hex = stackalloc byte[PseudonymHasher.HexLength];
        if (pseudonyms.Current is not { } salt)
        {
            return Redacted;
        }

        pseudonyms.Replace(salt, Encoding.UTF8.GetBytes(match.Value), hex);
        return $"[{name}:{Encoding.UTF8.GetString(hex)}]";
    }
}
