using System.Globalization;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>Makes the batches of a test.</summary>
/// <param name="ids">Ids by name.</param>
/// <param name="beginNs">When the test begins, in nanoseconds since the Unix epoch.</param>
internal sealed class TestTraffic(TestIds ids, ulong beginNs)
{
    private const int NsPerTick = 100;

    /// <summary>All spans in the order they arrive, those of one instant in the order of the file.</summary>
    /// <param name="spans">The spans of the test.</param>
    public static IReadOnlyList<(TimeSpan Arrival, TestSpan Span)> InOrder(IReadOnlyList<TestSpan> spans)
    {
        var all = new List<(TimeSpan Arrival, int Number, TestSpan Span)>();
        foreach (var span in spans)
        {
            for (var i = 0; i < span.RepeatCount; i++)
            {
                var shift = span.RepeatEvery * i;
                var one = i == 0 ? span : span with
                {
                    Trace = string.Create(CultureInfo.InvariantCulture, $"{span.Trace}#{i + 1}"),
                    Start = span.Start + shift,
                };
                all.Add(((span.Arrival ?? span.Start + span.Duration) + shift, all.Count, one));
            }
        }

        all.Sort(static (a, b) => a.Arrival != b.Arrival ? a.Arrival.CompareTo(b.Arrival) : a.Number.CompareTo(b.Number));
        return all.ConvertAll(static one => (one.Arrival, one.Span));
    }

    /// <summary>A batch of one span, as its service would send it.</summary>
    /// <param name="span">The span.</param>
    public OtlpBatch Batch(TestSpan span)
    {
        using var request = new OtlpRequestBuilder();
        var envelope = request.Begin(1);
        var resource = request.Begin(1);
        WriteAttribute(request, 1, "service.name", new Literal(LiteralKind.Text, span.Service));
        foreach (var (key, value) in span.Resource)
        {
            WriteAttribute(request, 1, key, value);
        }

        request.End(resource);
        var scope = request.Begin(2);
        WriteSpan(request, span);
        request.End(scope);
        request.End(envelope);
        var batch = new OtlpBatch(Signal.Traces);
        batch.Append(request.Finish(Signal.Traces, 1));
        return batch;
    }

    private void WriteSpan(OtlpRequestBuilder request, TestSpan span)
    {
        var trace = ids.Trace(span.Trace);
        var startNs = beginNs + (ulong)(span.Start.Ticks * NsPerTick);
        var record = request.Begin(2);
        request.TraceId(1, (ulong)(trace >> 64), (ulong)trace);
        request.SpanId(2, ids.Span(span.Trace, span.Id));
        if (span.Parent.Length > 0)
        {
            request.SpanId(4, ids.Span(span.Trace, span.Parent));
        }

        request.Text(5, span.Name);
        request.Varint(6, (ulong)span.Kind);
        request.Fixed64(7, startNs);
        request.Fixed64(8, startNs + (ulong)(span.Duration.Ticks * NsPerTick));
        foreach (var (key, value) in span.Attributes)
        {
            WriteAttribute(request, 9, key, value);
        }

        if (span.Status != SpanStatusCode.Unset)
        {
            var status = request.Begin(15);
            request.Varint(3, (ulong)span.Status);
            request.End(status);
        }

        request.End(record);
    }

    private static void WriteAttribute(OtlpRequestBuilder request, int field, string key, Literal value)
    {
        var attribute = request.Begin(field);
        request.Text(1, key);
        var any = request.Begin(2);
        switch (value.Kind)
        {
            case LiteralKind.Int:
                request.Varint((int)AnyValueKind.Int, unchecked((ulong)value.Whole));
                break;
            case LiteralKind.Float:
                request.Double((int)AnyValueKind.Double, value.Real);
                break;
            case LiteralKind.Bool:
                request.Varint((int)AnyValueKind.Bool, (ulong)value.Whole);
                break;
            default:
                request.Bytes((int)AnyValueKind.Text, Encoding.UTF8.GetBytes(value.Text));
                break;
        }

        request.End(any);
        request.End(attribute);
    }
}
