using System.Buffers;
using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>OTLP protobuf: validation, index, views, slots, edits and splits of whatever validates.</summary>
internal static class OtlpTargets
{
    private static readonly byte[][] Keys = Seeds.Utf8("service.name", "k0", "k1", "amount", "");

    public static IEnumerable<FuzzTarget> All => SignalNames.All.ToArray().Select(signal => new FuzzTarget
    {
        Name = $"otlp-{signal.PipelineName()}",
        Form = InputForm.Protobuf,
        Seeds = () => Seeds.Requests(signal),
        Words = Seeds.AttributeWords,
        Run = (input, outcome) => Run(signal, input, outcome),
    });

    /// <summary>A batch of a request that validates; null for one that does not.</summary>
    public static OtlpBatch? TryBatch(Signal signal, byte[] input, Outcome outcome)
    {
        var isValid = OtlpRequest.TryValidate(signal, input, out var items, out var error);
        outcome.Add(isValid);
        outcome.Add(items);
        outcome.Add(error.Problem);
        outcome.Add(error.Offset);
        return isValid ? new OtlpBatch(OtlpChunk.FromArray(signal, input, items)) : null;
    }

    private static void Run(Signal signal, byte[] input, Outcome outcome)
    {
        using var batch = TryBatch(signal, input, outcome);
        if (batch is null)
        {
            return;
        }

        FuzzFailureException.ThrowUnless(Oracle.Accepts(signal, input), "what validates can be read by other protobuf libraries");
        var items = batch.ItemCount;
        var slots = new AttributeSlots();
        foreach (var key in Keys)
        {
            slots.Register(System.Text.Encoding.UTF8.GetString(key));
        }

        var view = batch.View(0);
        FuzzFailureException.ThrowUnless(view.ItemNodes.Length == items, "validation and index count the same items");
        view.Resolve(slots);
        ReadAll(view, outcome);
        ReadSlots(view, slots, outcome);
        Split(batch, outcome);
        Edit(batch, slots, outcome);
    }

    private static void ReadAll(OtlpView view, Outcome outcome)
    {
        for (var node = 0; node < view.Nodes.Length; node++)
        {
            outcome.Add((long)view.Nodes[node].Kind);
            outcome.Add(view.ReceivedBytes(node));
            foreach (var attribute in view.HasAttributes(node) ? view.Attributes(node) : default)
            {
                outcome.Add(attribute.Key);
                ReadValue(attribute.Value, outcome, 0);
            }

            switch (view.Nodes[node].Kind)
            {
                case OtlpNodeKind.Scope:
                    outcome.Add(view.Name(node));
                    outcome.Add(view.ScopeVersion(node));
                    break;
                case OtlpNodeKind.Metric:
                    outcome.Add(view.Name(node));
                    outcome.Add(view.MetricUnit(node));
                    outcome.Add(view.MetricDescription(node));
                    outcome.Add((long)view.TypeOfMetric(node));
                    outcome.Add((long)view.Temporality(node));
                    outcome.Add(view.IsMonotonic(node));
                    break;
                case OtlpNodeKind.Item:
                    ReadItem(view, node, outcome);
                    break;
                default:
                    break;
            }
        }

        foreach (ref readonly var span in view.Spans)
        {
            outcome.Add(view.Name(span));
            outcome.Add(view.StatusMessage(span));
            outcome.Add(span.DurationNs ?? -1);
            outcome.Add((long)(span.TraceIdHigh ^ span.TraceIdLow ^ span.SpanId ^ span.ParentSpanId));
        }
    }

    private static void ReadItem(OtlpView view, int node, Outcome outcome)
    {
        outcome.Add(view.ResourceOf(node));
        outcome.Add(view.ScopeOf(node));
        switch (view.Signal)
        {
            case Signal.Metrics:
                outcome.Add(view.MetricOf(node));
                ReadPoint(view.Point(node), outcome);
                break;
            case Signal.Logs:
                outcome.Add(view.SeverityNumber(node));
                outcome.Add(view.SeverityText(node));
                outcome.Add(view.Name(node));
                ReadValue(view.Body(node), outcome, 0);
                break;
            default:
                outcome.Add(view.Name(node));
                break;
        }
    }

    private static void ReadPoint(MetricPointView point, Outcome outcome)
    {
        outcome.Add(point.Value);
        outcome.Add((long)point.Count);
        outcome.Add(point.Sum ?? point.Min ?? point.Max ?? 0);
        foreach (var count in point.BucketCounts)
        {
            outcome.Add((long)count);
        }

        for (var bounds = point.ExplicitBounds; bounds.MoveNext();)
        {
            outcome.Add(bounds.CurrentDouble);
        }

        foreach (var count in point.Positive.Counts)
        {
            outcome.Add((long)count);
        }

        foreach (var count in point.Negative.Counts)
        {
            outcome.Add((long)count);
        }

        foreach (var (quantile, value) in point.Quantiles)
        {
            outcome.Add(quantile);
            outcome.Add(value);
        }

        foreach (var exemplar in point.Exemplars)
        {
            outcome.Add(exemplar.Value);
            outcome.Add((long)exemplar.SpanId);
        }
    }

    private static void ReadValue(AnyValueView value, Outcome outcome, int depth)
    {
        FuzzFailureException.ThrowUnless(depth <= OtlpRequest.MaxDepth, "values nest no deeper than the limit");
        outcome.Add((long)value.Kind);
        outcome.Add(value.Text);
        outcome.Add(value.Bytes);
        outcome.Add(value.Int);
        outcome.Add(value.Double);
        foreach (var element in value.Elements)
        {
            ReadValue(element, outcome, depth + 1);
        }

        foreach (var entry in value.Entries)
        {
            outcome.Add(entry.Key);
            ReadValue(entry.Value, outcome, depth + 1);
        }

        var text = new ArrayBufferWriter<byte>();
        value.WriteText(text);
        outcome.Add(text.WrittenSpan);
    }

    private static void ReadSlots(OtlpView view, AttributeSlots slots, Outcome outcome)
    {
        for (var node = 0; node < view.Nodes.Length; node++)
        {
            if (!view.HasAttributes(node))
            {
                continue;
            }

            for (var slot = 0; slot < Keys.Length; slot++)
            {
                var bySlot = view.TryGetAttribute(slots, node, slot, out var value);
                var byKey = view.TryGetAttribute(node, Keys[slot], out var same);
                FuzzFailureException.ThrowUnless(
                    bySlot == byKey && value.Encoded.SequenceEqual(same.Encoded), "slots and keys find the same attribute");
                outcome.Add(bySlot);
                outcome.Add(view.Row(slots, node).TryGetFirstShortText(slot, out var text));
                outcome.Add(text);
            }
        }
    }

    private static void Split(OtlpBatch batch, Outcome outcome)
    {
        using var fork = batch.Fork();
        var parts = new List<OtlpBatch>();
        OtlpSplitter.Split(fork, 2, long.MaxValue, parts);
        var items = 0;
        foreach (var part in parts)
        {
            items += part.ItemCount;
            Check(part, outcome);
            part.Dispose();
        }

        FuzzFailureException.ThrowUnless(items == batch.ItemCount || parts.Count == 0, "parts of a batch hold all of its items");
    }

    private static void Edit(OtlpBatch batch, AttributeSlots slots, Outcome outcome)
    {
        var view = batch.View(0);
        for (var node = 0; node < view.Nodes.Length; node++)
        {
            if (view.HasAttributes(node))
            {
                view.SetText(node, Keys[node % Keys.Length], "changed"u8);
                view.SetInt(slots, node, (node + 1) % Keys.Length, node);
                outcome.Add(view.RemoveAttribute(node, "k1"u8));
            }

            if (view.Nodes[node].Kind == OtlpNodeKind.Item && node % 5 == 4)
            {
                view.Drop(node);
            }

            view.RewriteTexts(node, Masked.Instance);
        }

        Check(batch, outcome);
    }

    private static void Check(OtlpBatch batch, Outcome outcome)
    {
        foreach (var chunk in batch.Chunks)
        {
            FuzzFailureException.ThrowUnless(
                OtlpRequest.TryValidate(chunk.Signal, chunk.Bytes, out var items, out var error) && items == chunk.ItemCount,
                $"what is written validates and holds as many items as it says: {error.Problem}");
            outcome.Add(chunk.Bytes);
        }
    }

    private sealed class Masked : ITextRewriter
    {
        public static Masked Instance { get; } = new();

        public bool TryRewrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
        {
            if (text.Length < 3)
            {
                return false;
            }

            output.Write("***"u8);
            output.Write(text[3..]);
            return true;
        }

        public bool TryRewrite(long number, IBufferWriter<byte> output) => false;
    }
}
