using System.Buffers.Text;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.FinancialEnrichment.ClearValues;
using TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>
/// Replaces configured attributes by pseudonyms, takes away the attributes their values came from, and replaces the
/// values, and personal numbers, wherever else they are.
/// </summary>
internal sealed class PseudonymStep
{
    private const int NumberBytesMax = 32;
    private readonly Field[] _fields;
    private readonly SlotMask _any;

    public PseudonymStep(PseudonymConfig config, IReadOnlyList<MappingConfig> mappings, AttributeSlots slots)
    {
        _fields = new Field[config.Attributes.Count];
        var all = new List<int>();
        for (var i = 0; i < _fields.Length; i++)
        {
            var name = config.Attributes[i];
            var sources = new List<int>();
            foreach (var mapping in mappings)
            {
                foreach (var source in mapping.To == name ? mapping.Sources : [])
                {
                    // The baggage header holds other entries too; the value in it is found like one in any text.
                    if (source.Kind is SourceKind.Span or SourceKind.Resource && source.Key != name)
                    {
                        sources.Add(slots.Register(source.Key));
                    }
                }
            }

            _fields[i] = new Field(
                slots.Register(name),
                [.. sources],
                new SlotMask([.. sources]),
                slots.Register(name + ".key_id"),
                slots.Register(name + ".previous"));
            all.Add(_fields[i].Target);
            all.AddRange(sources);
        }

        _any = new SlotMask([.. all]);
    }

    /// <summary>Works on a resource, scope, metric or item.</summary>
    /// <param name="view">The view; it has no changes from before this processor.</param>
    /// <param name="row">The node's attributes.</param>
    /// <param name="pseudonyms">Makes pseudonyms; told the tenant.</param>
    /// <param name="scrubber">Replaces texts.</param>
    /// <param name="lookEverywhere">Whether the node holds values that did not come with it.</param>
    public void Apply(OtlpView view, in SlotRow row, Pseudonymizer pseudonyms, TextScrubber scrubber, bool lookEverywhere)
    {
        var received = view.ReceivedBytes(row.Node);
        var rewrite = lookEverywhere || scrubber.MayContain(received);
        if (row.HasAny(_any))
        {
            foreach (ref readonly var field in _fields.AsSpan())
            {
                if (Replace(row, field, pseudonyms, scrubber, received))
                {
                    // This value is in more places than attributes that were just dealt with.
                    view.RewriteTexts(row.Node, scrubber);
                    rewrite = false;
                }

                scrubber.SetLiteral(default);
            }
        }

        if (rewrite)
        {
            view.RewriteTexts(row.Node, scrubber);
        }
    }

    /// <summary>Replaces an attribute and takes its sources away.</summary>
    /// <returns>Whether the clear value is elsewhere in the node too.</returns>
    private static bool Replace(
        in SlotRow row, in Field field, Pseudonymizer pseudonyms, TextScrubber scrubber, ReadOnlySpan<byte> received)
    {
        var dealtWith = 0;
        var hasTarget = row.Has(field.Target);
        Span<byte> number = stackalloc byte[NumberBytesMax];
        if (hasTarget && TextOf(row, field.Target, number, out var clear))
        {
            scrubber.SetLiteral(clear);
            dealtWith += IsReceived(clear, received) ? 1 : 0;
            Set(row, field, field.Target, clear, pseudonyms, scrubber);
        }

        foreach (var source in row.HasAny(field.SourceMask) ? field.Sources : [])
        {
            if (!row.Has(source) || !TextOf(row, source, number, out var copied))
            {
                continue;
            }

            dealtWith += scrubber.Literal.Length > 0 && copied.SequenceEqual(scrubber.Literal) ? 1 : 0;
            if (hasTarget)
            {
                row.Remove(source);
            }
            else
            {
                scrubber.SetLiteral(copied);
                dealtWith = 1;
                Set(row, field, source, copied, pseudonyms, scrubber);
            }
        }

        return scrubber.Literal.Length > 0 && CountMoreThan(dealtWith, scrubber.Literal, received);
    }

    private static void Set(
        in SlotRow row, in Field field, int slot, ReadOnlySpan<byte> clear, Pseudonymizer pseudonyms, TextScrubber scrubber)
    {
        scrubber.Replaced[TextScrubber.AttributeIndex]++;
        if (pseudonyms.Current is not { } salt)
        {
            row.SetText(slot, Encoding.UTF8.GetBytes(TextScrubber.Redacted));
            return;
        }

        Span<byte> hex = stackalloc byte[PseudonymHasher.HexLength];
        if (pseudonyms.Previous is { } previous)
        {
            pseudonyms.Replace(previous, clear, hex);
            row.SetText(field.Previous, hex);
        }

        pseudonyms.Replace(salt, clear, hex);
        row.SetText(slot, hex);
        if (salt.Id.Length > 0)
        {
            row.SetText(field.KeyId, salt.Id);
        }
    }

    /// <summary>The text of a value that is to be replaced; of a list, as headers are recorded, the first element counts.</summary>
    private static bool TextOf(in SlotRow row, int slot, Span<byte> number, out ReadOnlySpan<byte> text)
    {
        if (!row.TryGetFirstShortText(slot, out text))
        {
            row.TryGet(slot, out var value);
            text = LongTextOf(value, number);
        }

        return !text.IsEmpty && !Pseudonymizer.IsPseudonym(text) && !text.SequenceEqual("[REDACTED]"u8);
    }

    private static ReadOnlySpan<byte> LongTextOf(AnyValueView value, Span<byte> number)
    {
        foreach (var element in value.Elements)
        {
            value = element;
            break;
        }

        if (value.Kind == AnyValueKind.Int)
        {
            Utf8Formatter.TryFormat(value.Int, number, out var length);
            return number[..length];
        }

        return value.Kind == AnyValueKind.Bytes ? value.Bytes : value.Text;
    }

    private static bool IsReceived(ReadOnlySpan<byte> value, ReadOnlySpan<byte> received) => received.Overlaps(value);

    private static bool CountMoreThan(int count, ReadOnlySpan<byte> value, ReadOnlySpan<byte> text)
    {
        while (count >= 0)
        {
            var at = text.IndexOf(value);
            if (at < 0)
            {
                return false;
            }

            text = text[(at + value.Length)..];
            count--;
        }

        return true;
    }

    /// <summary>The slots of one attribute.</summary>
    private readonly record struct Field(int Target, int[] Sources, SlotMask SourceMask, int KeyId, int Previous);
}
