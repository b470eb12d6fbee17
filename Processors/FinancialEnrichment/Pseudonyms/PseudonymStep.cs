using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;
using TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>
/// Replaces configured attributes by pseudonyms, takes away the attributes their values came from, and replaces the
/// values, and personal numbers, wherever else they are.
/// </summary>
internal sealed class PseudonymStep
{
    private const byte EventsTag = (11 << 3) | 2;
    private const byte LinksTag = (13 << 3) | 2;

    private readonly Field[] _fields;
    private readonly SlotMask _any;

    public PseudonymStep(PseudonymConfig config, IReadOnlyList<MappingConfig> mappings, AttributeSlots slots)
    {
        _fields = new Field[config.Attributes.Count];
        var all = new List<int>();
        var names = new List<string>();
        for (var i = 0; i < _fields.Length; i++)
        {
            var name = config.Attributes[i];
            var sources = new List<int>();
            names.Add(name);
            foreach (var mapping in mappings)
            {
                foreach (var source in mapping.To == name ? mapping.Sources : [])
                {
                    // The baggage header holds other entries too; the value in it is found like one in any text.
                    if (source.Kind is SourceKind.Span or SourceKind.Resource && source.Key != name)
                    {
                        sources.Add(slots.Register(source.Key));
                        names.Add(source.Key);
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
        Names = new ProtectedNames(names);
    }

    /// <summary>The attributes that are replaced, for a scrubber that finds them in events and links.</summary>
    public ProtectedNames Names { get; }

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
        var own = 0;
        if (row.HasAny(_any))
        {
            foreach (ref readonly var field in _fields.AsSpan())
            {
                own += Replace(row, field, pseudonyms, scrubber, received);
            }

            // A value may be in more places than the attributes that were just dealt with.
            rewrite |= scrubber.HasCopies(received);
        }

        // So may an attribute of the same name, with another value.
        rewrite |= MayHoldOthers(view, row.Node, received) && Names.CountIn(received) > own;

        if (rewrite)
        {
            view.RewriteTexts(row.Node, scrubber);
        }

        scrubber.Forget();
    }

    // Events and links of a span are its fields 11 and 13; what looks like their tags is seldom anything else.
    private static bool MayHoldOthers(OtlpView view, int node, ReadOnlySpan<byte> received) =>
        view.Signal != Signal.Traces || view.Nodes[node].Kind != OtlpNodeKind.Item || received.IndexOfAny(EventsTag, LinksTag) >= 0;

    /// <summary>Replaces an attribute and takes its sources away; all their values are remembered.</summary>
    /// <returns>How many of the attributes are in the received bytes.</returns>
    private static int Replace(
        in SlotRow row, in Field field, Pseudonymizer pseudonyms, TextScrubber scrubber, ReadOnlySpan<byte> received)
    {
        var own = 0;
        var hasTarget = row.Has(field.Target);
        Span<byte> number = stackalloc byte[ProtectedValue.NumberBytesMax];
        own += hasTarget && IsReceived(row, field.Target, received) ? 1 : 0;
        if (hasTarget && TextOf(row, field.Target, number, out var clear))
        {
            scrubber.Remember(clear, received.Overlaps(clear));
            RememberRest(row, field.Target, scrubber, received);
            Set(row, field, field.Target, clear, pseudonyms, scrubber);
        }

        foreach (var source in row.HasAny(field.SourceMask) ? field.Sources : [])
        {
            if (!row.Has(source))
            {
                continue;
            }

            own += IsReceived(row, source, received) ? 1 : 0;
            if (!TextOf(row, source, number, out var copied))
            {
                continue;
            }

            // Not always the same: a caller may name one customer in a header, and the service another one.
            scrubber.Remember(copied, received.Overlaps(copied));
            RememberRest(row, source, scrubber, received);
            if (hasTarget)
            {
                row.Remove(source);
            }
            else
            {
                Set(row, field, source, copied, pseudonyms, scrubber);
            }
        }

        return own;
    }

    /// <summary>Of a list the first element gives the pseudonym; the others go with it, and their copies elsewhere.</summary>
    private static void RememberRest(in SlotRow row, int slot, TextScrubber scrubber, ReadOnlySpan<byte> received)
    {
        if (!row.TryGet(slot, out var value) || value.Kind != AnyValueKind.Array)
        {
            return;
        }

        var isFirst = true;
        foreach (var element in value.Elements)
        {
            if (!isFirst)
            {
                scrubber.Remember(element.Text, received.Overlaps(element.Text));
            }

            isFirst = false;
        }
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

    // What was set or replaced before is not in the received bytes.
    private static bool IsReceived(in SlotRow row, int slot, ReadOnlySpan<byte> received) =>
        row.TryGet(slot, out var value) && received.Overlaps(value.Encoded);

    private static bool TextOf(in SlotRow row, int slot, Span<byte> number, out ReadOnlySpan<byte> text)
    {
        if (!row.TryGetFirstShortText(slot, out text))
        {
            row.TryGet(slot, out var value);
            text = ProtectedValue.TextOf(value, number);
        }

        return ProtectedValue.IsClear(text);
    }

    /// <summary>The slots of one attribute.</summary>
    private readonly record struct Field(int Target, int[] Sources, SlotMask SourceMask, int KeyId, int Previous);
}
