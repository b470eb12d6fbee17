using System.Globalization;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Schema;

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
        var envelope = request.BeginMessage(OtlpFields.Request.Resources);
        var resource = request.BeginMessage(OtlpFields.ResourceEnvelope.Resource);
        request.WriteAttribute(OtlpFields.Resource.Attributes, "service.name"u8, span.Service);
        foreach (var (key, value) in span.Resource)
        {
            WriteAttribute(request, OtlpFields.Resource.Attributes, key, value);
        }

        request.EndMessage(resource);
        var scope = request.BeginMessage(OtlpFields.ResourceEnvelope.Scopes);
        WriteSpan(request, span);
        request.EndMessage(scope);
        request.EndMessage(envelope);
        var batch = new OtlpBatch(Signal.Traces);
        batch.Append(request.Finish(Signal.Traces, 1));
        return batch;
    }

    private void WriteSpan(OtlpRequestBuilder request, TestSpan span)
    {
        var trace = ids.Trace(span.Trace);
        var startNs = beginNs + (ulong)(span.Start.Ticks * NsPerTick);
        var record = request.BeginMessage(OtlpFields.ScopeEnvelope.Items);
        request.WriteTraceId(OtlpFields.Span.TraceId, (ulong)(trace >> 64), (ulong)trace);
        request.WriteSpanId(OtlpFields.Span.SpanId, ids.Span(span.Trace, span.Id));
        if (span.Parent.Length > 0)
        {
            request.WriteSpanId(OtlpFields.Span.ParentSpanId, ids.Span(span.Trace, span.Parent));
        }

        request.WriteText(OtlpFields.Span.Name, span.Name);
        request.WriteVarint(OtlpFields.Span.Kind, (ulong)span.Kind);
        request.WriteFixed64(OtlpFields.Span.StartNs, startNs);
        request.WriteFixed64(OtlpFields.Span.EndNs, startNs + (ulong)(span.Duration.Ticks * NsPerTick));
        foreach (var (key, value) in span.Attributes)
        {
            WriteAttribute(request, OtlpFields.Span.Attributes, key, value);
        }

        if (span.Status != SpanStatusCode.Unset)
        {
            var status = request.BeginMessage(OtlpFields.Span.Status);
            request.WriteVarint(OtlpFields.Status.Code, (ulong)span.Status);
            request.EndMessage(status);
        }

        request.EndMessage(record);
    }

    private static void WriteAttribute(OtlpRequestBuilder request, OtlpField field, string key, Literal value)
    {
        var attribute = request.BeginAttribute(field, Encoding.UTF8.GetBytes(key));
        switch (value.Kind)
        {
            case LiteralKind.Int:
                request.WriteVarint(OtlpFields.AnyValue.Int, unchecked((ulong)value.Whole));
                break;
            case LiteralKind.Float:
                request.WriteDouble(OtlpFields.AnyValue.Double, value.Real);
                break;
            case LiteralKind.Bool:
                request.WriteVarint(OtlpFields.AnyValue.Bool, (ulong)value.Whole);
                break;
            default:
                request.WriteText(OtlpFields.AnyValue.Text, value.Text);
                break;
        }

        request.EndAttribute(attribute);
    }
}
