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
    private readonly AttributeSlots _slots;
    private readonly Field[] _fields;
    private readonly SlotMask _any;

    public PseudonymStep(PseudonymConfig config, IReadOnlyList<MappingConfig> mappings, AttributeSlots slots)
    {
        _slots = slots;
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
    /// <param name="node">The node.</param>
    /// <param name="pseudonyms">Makes pseudonyms; told the tenant.</param>
    /// <param name="scrubber">Replaces texts.</param>
    /// <param name="lookEverywhere">Whether the node holds values that did not come with it.</param>
    public void Apply(OtlpView view, int node, Pseudonymizer pseudonyms, TextScrubber scrubber, bool lookEverywhere)
    {
        var received = view.ReceivedBytes(node);
        var rewrite = lookEverywhere || scrubber.MayContain(received);
        if (view.HasAttributes(node) && view.HasAny(_slots, node, _any))
        {
            foreach (ref readonly var field in _fields.AsSpan())
            {
                if (Replace(view, node, field, pseudonyms, scrubber, received))
                {
                    // This value is in more places than attributes that were just dealt with.
                    view.RewriteTexts(node, scrubber);
                    rewrite = false;
                }

                scrubber.SetLiteral(default);
            }
        }

        if (rewrite)
        {
            view.RewriteTexts(node, scrubber);
        }
    }

    /// <summary>Replaces an attribute and takes its sources away.</summary>
    /// <returns>Whether the clear value is elsewhere in the node too.</returns>
    private bool Replace(
        OtlpView view, int node, in Field field, Pseudonymizer pseudonyms, TextScrubber scrubber, ReadOnlySpan<byte> received)
    {
        var dealtWith = 0;
        var hasTarget = view.TryGetAttribute(_slots, node, field.Target, out var value);
        Span<byte> number = stackalloc byte[NumberBytesMax];
        if (hasTarget && TextOf(value, number, out var clear))
        {
            scrubber.SetLiteral(clear);
            dealtWith += IsReceived(clear, received) ? 1 : 0;
            Set(view, node, field, field.Target, clear, pseudonyms, scrubber);
        }

        foreach (var source in view.HasAny(_slots, node, field.SourceMask) ? field.Sources : [])
        {
            if (!view.TryGetAttribute(_slots, node, source, out var copy) || !TextOf(copy, number, out var copied))
            {
                continue;
            }

            dealtWith += scrubber.Literal.Length > 0 && copied.SequenceEqual(scrubber.Literal) ? 1 : 0;
            if (hasTarget)
            {
                view.RemoveAttribute(_slots, node, source);
            }
            else
            {
                scrubber.SetLiteral(copied);
                dealtWith = 1;
                Set(view, node, field, source, copied, pseudonyms, scrubber);
            }
        }

        return scrubber.Literal.Length > 0 && CountMoreThan(dealtWith, scrubber.Literal, received);
    }

    private void Set(
        OtlpView view, int node, in Field field, int slot, ReadOnlySpan<byte> clear, Pseudonymizer pseudonyms, TextScrubber scrubber)
    {
        scrubber.Replaced[TextScrubber.AttributeIndex]++;
        if (pseudonyms.Current is not { } salt)
        {
            view.SetText(_slots, node, slot, Encoding.UTF8.GetBytes(TextScrubber.Redacted));
            return;
        }

        Span<byte> hex = stackalloc byte[PseudonymHasher.HexLength];
        if (pseudonyms.Previous is { } previous)
        {
            pseudonyms.Replace(previous, clear, hex);
            view.SetText(_slots, node, field.Previous, hex);
        }

        pseudonyms.Replace(salt, clear, hex);
        view.SetText(_slots, node, slot, hex);
        if (salt.Id.Length > 0)
        {
            view.SetText(_slots, node, field.KeyId, salt.Id);
        }
    }

    /// <summary>The text of a value that is to be replaced; of a list, as headers are recorded, the first element counts.</summary>
    private static bool TextOf(AnyValueView value, Span<byte> number, out ReadOnlySpan<byte> text)
    {
        foreach (var element in value.Elements)
        {
            value = element;
            break;
        }

        text = value.Kind == AnyValueKind.Bytes ? value.Bytes : value.Text;
        if (value.Kind == AnyValueKind.Int)
        {
            Utf8Formatter.TryFormat(value.Int, number, out var length);
            text = number[..length];
        }

        return !text.IsEmpty && !Pseudonymizer.IsPseudonym(text) && !text.SequenceEqual("[REDACTED]"u8);
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
