using System.Collections;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>The counts of one batch, as the fields of one log.</summary>
/// <param name="Signal">What the batch carries.</param>
/// <param name="ResourceCount">Resource envelopes.</param>
/// <param name="MetricCount">Metrics; 0 for other signals.</param>
/// <param name="ItemCount">Spans, data points or log records.</param>
internal readonly record struct BatchSummary(Signal Signal, int ResourceCount, int MetricCount, int ItemCount)
    : IReadOnlyList<KeyValuePair<string, object?>>
{
    private const string TemplateKey = "{OriginalFormat}";

    /// <summary>The line's message: <c>Traces</c>, <c>Metrics</c> or <c>Logs</c>.</summary>
    public string Title => Signal switch
    {
        Signal.Traces => "Traces",
        Signal.Metrics => "Metrics",
        _ => "Logs",
    };

    /// <summary>Counts, and the message's template last, where loggers look for it.</summary>
    public int Count => Signal == Signal.Metrics ? 4 : 3;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => (Signal, Count - 1 - index) switch
    {
        (_, 0) => new(TemplateKey, Title),
        (Signal.Traces, 1) => new("spans", ItemCount),
        (Signal.Traces, 2) => new("resource spans", ResourceCount),
        (Signal.Metrics, 1) => new("data points", ItemCount),
        (Signal.Metrics, 2) => new("metrics", MetricCount),
        (Signal.Metrics, 3) => new("resource metrics", ResourceCount),
        (Signal.Logs, 1) => new("log records", ItemCount),
        (Signal.Logs, 2) => new("resource logs", ResourceCount),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <summary>Counts a batch by the headers of its envelopes: nothing is allocated, and no item is looked at.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    public static BatchSummary Of(OtlpBatch batch)
    {
        var resources = 0;
        var metrics = 0;
        var chunks = batch.Chunks;
        for (var i = 0; i < chunks.Count; i++)
        {
            foreach (var resource in ResourceView.Enumerate(chunks[i].Bytes))
            {
                resources++;
                metrics += batch.Signal == Signal.Metrics ? CountMetrics(new ResourceView(resource)) : 0;
            }
        }

        return new BatchSummary(batch.Signal, resources, metrics, batch.ItemCount);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int CountMetrics(in ResourceView resource)
    {
        var metrics = 0;
        foreach (var scope in resource.Scopes)
        {
            foreach (var metric in new ScopeView(scope).Items)
            {
                metrics++;
            }
        }

        return metrics;
    }
}
