using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Heatmap;

/// <summary>Counts the spans of batches in the grid.</summary>
internal sealed class SpanIntake(LatencyGrid grid, SeriesKeys series, SpanKindSet kinds, Counter skipped)
{
    // Spans between two takings of a shard: whoever flushes waits no longer than these take.
    private const int SpansHeld = 256;

    public void Record(OtlpBatch batch)
    {
        Span<byte> scratch = stackalloc byte[SeriesKeyReader.ScratchSizeBytes];
        var keys = new SeriesKeyReader(series, scratch);
        for (var i = 0; i < batch.ViewCount; i++)
        {
            var view = batch.View(i);
            keys.Reset();
            view.Resolve(series.Slots);
            var spans = view.Spans;
            for (var first = 0; first < spans.Length; first += SpansHeld)
            {
                Record(view, spans.Slice(first, Math.Min(SpansHeld, spans.Length - first)), ref keys);
            }
        }
    }

    private void Record(OtlpView view, ReadOnlySpan<SpanRecord> spans, ref SeriesKeyReader keys)
    {
        var others = 0;
        var number = -1;
        using (var writer = grid.Write())
        {
            foreach (ref readonly var span in spans)
            {
                if (!kinds.Contains(span.Kind))
                {
                    others++;
                    continue;
                }

                if (view.IsDropped(span.Node))
                {
                    continue;
                }

                var timing = span.ReadDuration(out var latencyNs);
                if (timing != SpanTiming.Known)
                {
                    writer.Refuse(OutcomeOf(timing));
                    continue;
                }

                // Spans of a service mostly have the series of the one before; its number holds while the writer does.
                var key = keys.OfSpan(view, span, out var isFailing, out var isSame);
                number = isSame && number >= 0 ? number : grid.Series(key);
                writer.Record(
                    number,
                    new LatencyExemplar(span.TraceIdHigh, span.TraceIdLow, span.SpanId, span.EndNs, latencyNs, isFailing));
            }
        }

        if (others > 0)
        {
            skipped.Add(others);
        }
    }

    private static GridOutcome OutcomeOf(SpanTiming timing) => timing switch
    {
        SpanTiming.NoStart => GridOutcome.NoStart,
        SpanTiming.NoEnd => GridOutcome.NoEnd,
        _ => GridOutcome.Negative,
    };
}
