using System.Buffers;
using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Matching;
using TelemetryPipeline.Processors.Matching;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <summary>
/// Replaces personal numbers in texts: a text that is nothing else becomes the pseudonym, inside other words stands
/// <c>[kind:pseudonym]</c>. Not thread-safe.
/// </summary>
/// <param name="kinds">What is looked for.</param>
/// <param name="custom">Expressions of the user's own.</param>
/// <param name="pseudonyms">Makes the pseudonyms, for the tenant it was last told to use.</param>
/// <param name="names">Attributes whose whole value is replaced wherever they are.</param>
internal sealed class TextScrubber(
    SensitiveValueKinds kinds, IReadOnlyList<(string Name, Utf8Pattern Pattern)> custom, Pseudonymizer pseudonyms, ProtectedNames names) : ITextRewriter
{
    /// <summary>What stands for a value of a tenant that has no salt.</summary>
    public const string Redacted = "[REDACTED]";

    /// <summary>Names of what was replaced, in the order of <see cref="Replaced"/>; custom patterns follow as one.</summary>
    public static readonly string[] KindNames =
    [
        .. SensitiveValueKindNames.All.Select(static kind => kind.Name), "attribute_value", "custom",
    ];

    /// <summary>Where <see cref="Replaced"/> counts whole attribute values, and copies of them elsewhere.</summary>
    public static readonly int AttributeIndex = SensitiveValueKindNames.All.Count;

    private static readonly int CustomIndex = AttributeIndex + 1;

    private readonly TextSkeleton _skeleton = new();
    private readonly RememberedValues _values = new();
    private readonly RememberedValues _asciiValues = new();

    /// <summary>How many values were replaced since the last reset, by kind.</summary>
    public int[] Replaced { get; } = new int[KindNames.Length];

    /// <summary>How many bytes the search for remembered values has read.</summary>
    public long ScannedBytes => _values.ScannedBytes;

    /// <summary>Whether nothing can be ruled out without looking at every text.</summary>
    public bool HasCustomPatterns => custom.Count > 0;

    /// <summary>Remembers a value that was replaced where it was, to be replaced wherever else it is found in the item.</summary>
    /// <param name="value">The value. Short and very long ones are left alone.</param>
    /// <param name="isInItem">Whether that place is in the item's bytes.</param>
    public void Remember(ReadOnlySpan<byte> value, bool isInItem)
    {
        _values.Remember(value, isInItem);
        if (Ascii.IsValid(value))
        {
            _asciiValues.Remember(value, isInItem);
        }
    }

    /// <summary>Whether a remembered value is elsewhere in an item too.</summary>
    /// <param name="item">The item's bytes as received.</param>
    public bool HasCopies(ReadOnlySpan<byte> item) => _values.HasCopies(item);

    /// <summary>Forgets the remembered values: another item comes.</summary>
    public void Forget()
    {
        _values.Clear();
        _asciiValues.Clear();
    }

    /// <summary>Whether a message may hold something to be replaced.</summary>
    public bool MayContain(ReadOnlySpan<byte> message) => HasCustomPatterns || (kinds != 0 && SensitiveValueProbe.MayContain(message, kinds));

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
        var kind = SensitiveValueFinder.KindOf(number, kinds);
        if (kind == SensitiveValueKinds.None)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[20];
        number.TryFormat(text, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        WriteReplacement(text[..length], name: null, IndexOf(kind), output);
        return true;
    }

    /// <inheritdoc/>
    public bool TryRewriteAttribute(ReadOnlySpan<byte> key, AnyValueView value, IBufferWriter<byte> output)
    {
        if (!names.Contains(key))
        {
            return false;
        }

        Span<byte> number = stackalloc byte[ProtectedValue.NumberBytesMax];
        var text = ProtectedValue.TextOf(value, number);
        if (!ProtectedValue.IsClear(text))
        {
            return false;
        }

        WriteReplacement(text, name: null, AttributeIndex, output);
        return true;
    }

    private static int IndexOf(SensitiveValueKinds kind) => System.Numerics.BitOperations.TrailingZeroCount((int)kind);

    private bool TryReplaceKnown(ReadOnlySpan<byte> text, bool mayBeWhole, IBufferWriter<byte> output)
    {
        var skeleton = TextSkeleton.IsNeeded(text) ? _skeleton : null;
        skeleton?.Read(text);
        _values.Begin();
        _asciiValues.Begin();
        var (number, numberLength, kind) = (-1, 0, SensitiveValueKinds.None);
        var done = 0;
        while (true)
        {
            // Found once and kept: a value before the number does not make the search for the number start again.
            if (number < done && !TryFindNumber(text, skeleton, done, out number, out numberLength, out kind))
            {
                number = int.MaxValue;
            }

            _ = TryFindValue(text, skeleton, done, out var value, out var valueLength);
            var start = Math.Min(number, value);
            if (start == int.MaxValue)
            {
                break;
            }

            var (length, index) = value <= number ? (valueLength, AttributeIndex) : (numberLength, IndexOf(kind));
            output.Write(text[done..start]);
            WriteReplacement(text.Slice(start, length), mayBeWhole && length == text.Length ? null : KindNames[index], index, output);
            done = start + length;
        }

        _values.End();
        if (done > 0)
        {
            output.Write(text[done..]);
        }

        return done > 0;
    }

    private bool TryFindNumber(
        ReadOnlySpan<byte> text, TextSkeleton? skeleton, int from, out int start, out int length, out SensitiveValueKinds kind)
    {
        if (skeleton is null)
        {
            return SensitiveValueFinder.TryFind(text, from, kinds, out start, out length, out kind);
        }

        var found = SensitiveValueFinder.TryFind(skeleton.Bytes, skeleton.IndexOf(from), kinds, out start, out length, out kind);
        (start, length) = found ? skeleton.PlaceOf(start, length, text) : (0, 0);
        return found;
    }

    // A value beyond ASCII is searched as it is: its skeleton would equal that of other words.
    private bool TryFindValue(ReadOnlySpan<byte> text, TextSkeleton? skeleton, int from, out int start, out int length)
    {
        var found = _values.TryFind(text, from, out start, out length);
        if (skeleton is not null && _asciiValues.TryFind(skeleton.Bytes, skeleton.IndexOf(from), out var other, out var otherLength))
        {
            var (place, placeLength) = skeleton.PlaceOf(other, otherLength, text);
            if (place < start)
            {
                (start, length, found) = (place, placeLength, true);
            }
        }

        return found;
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
