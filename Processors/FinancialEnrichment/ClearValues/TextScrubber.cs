using System.Buffers;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Matching;
using TelemetryPipeline.Processors.Matching;
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

    /// <summary>How many bytes the search for <see cref="Literal"/> has read.</summary>
    public long ScannedBytes { get; private set; }

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

        return TryReplaceKnown(text, mayBeWhole: true, output);
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
        WriteReplacement(text[..length], name: null, IndexOf(kind), output);
        return true;
    }

    private static int IndexOf(ClearValueKinds kind) => System.Numerics.BitOperations.TrailingZeroCount((int)kind);

    private bool TryReplaceKnown(ReadOnlySpan<byte> text, bool mayBeWhole, IBufferWriter<byte> output)
    {
        var literals = default(Occurrences);
        var (number, numberLength, kind) = (-1, 0, ClearValueKinds.None);
        var done = 0;
        while (true)
        {
            // Found once and kept: a literal before the number does not make the search for the number start again.
            if (number < done && !ClearValueFinder.TryFind(text, done, kinds, out number, out numberLength, out kind))
            {
                number = int.MaxValue;
            }

            var literal = _literalLength == 0 ? int.MaxValue : literals.NextFrom(done, text, Literal);
            var start = Math.Min(number, literal);
            if (start == int.MaxValue)
            {
                break;
            }

            var (length, index) = literal <= number ? (_literalLength, AttributeIndex) : (numberLength, IndexOf(kind));
            output.Write(text[done..start]);
            WriteReplacement(text.Slice(start, length), mayBeWhole && length == text.Length ? null : KindNames[index], index, output);
            done = start + length;
        }

        ScannedBytes += literals.ScannedBytes;
        if (done > 0)
        {
            output.Write(text[done..]);
        }

        return done > 0;
    }

    /// <summary>Writes the pseudonym of a value, with a name where it stands inside other words.</summary>
    private void WriteReplacement(ReadOnlySpan<byte> clear, string? name, int index, IBufferWriter<byte> output)
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

        if (name is null)
        {
            output.Write(hex);
            return;
        }

        output.Write("["u8);
        output.Write(Encoding.UTF8.GetBytes(name));
        output.Write(":"u8);
        output.Write(hex);
        output.Write("]"u8);
    }

    private bool TryCustom(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        var changed = (ArrayBufferWriter<byte>?)null;
        foreach (var (name, pattern) in custom)
        {
            var replaced = new ArrayBufferWriter<byte>();
            var before = changed is null ? text : changed.WrittenSpan;
            if (pattern.IsMatch(before)
                && pattern.TryReplace(before, replaced, (match, writer) => WriteReplacement(match, name, CustomIndex, writer)))
            {
                changed = replaced;
            }
        }

        if (changed is null)
        {
            return false;
        }

        if (!TryReplaceKnown(changed.WrittenSpan, mayBeWhole: false, output))
        {
            output.Write(changed.WrittenSpan);
        }

        return true;
    }
}
