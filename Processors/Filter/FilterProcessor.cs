using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>Drops spans, metrics, data points and log records for which one of the conditions holds.</summary>
internal sealed class FilterProcessor : IProcessor
{
    private readonly FilterConfig _config;
    private readonly IConsumer _next;
    private readonly Counter _filtered;
    private readonly bool _active;

    public FilterProcessor(ComponentContext context, FilterConfig config, IConsumer next)
    {
        _config = config;
        _next = next;
        var signal = context.Signals[0];
        var items = signal switch { Signal.Traces => "spans", Signal.Metrics => "datapoints", _ => "logs" };
        _filtered = context.Metrics.Counter(
            $"otelcol_processor_filter_{items}_filtered",
            "Items dropped by the filter processor.",
            ("filter", context.Id.ToString()),
            ("reason", "condition"));
        _active = signal switch
        {
            Signal.Traces => config.Spans.Count > 0,
            Signal.Metrics => config.Metrics.Count + config.DataPoints.Count > 0,
            _ => config.LogRecords.Count > 0,
        };
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (!_active)
        {
            return _next.ConsumeAsync(batch, cancellation);
        }

        var before = batch.ItemCount;
        for (var i = 0; i < batch.ViewCount; i++)
        {
            Filter(batch.View(i));
        }

        var left = batch.ItemCount;
        _filtered.Add(before - left);
        return left == 0 ? new(ConsumeResult.Accepted) : _next.ConsumeAsync(batch, cancellation);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    private void Filter(OtlpView view)
    {
        switch (view.Signal)
        {
            case Signal.Traces:
                FilterSpans(view);
                break;
            case Signal.Metrics:
                FilterMetrics(view);
                FilterItems(view, _config.DataPoints);
                break;
            default:
                FilterItems(view, _config.LogRecords);
                break;
        }
    }

    private void FilterSpans(OtlpView view)
    {
        var spans = view.Spans;
        for (var i = 0; i < spans.Length; i++)
        {
            ref readonly var span = ref spans[i];
            if (!view.IsDropped(span.Node) && AnyHolds(_config.Spans, new FilterItem(view, span.Node, in span)))
            {
                view.Drop(span.Node);
            }
        }
    }

    private void FilterMetrics(OtlpView view)
    {
        if (_config.Metrics.Count == 0)
        {
            return;
        }

        SpanRecord none = default;
        var nodes = view.Nodes;
        for (var node = 0; node < nodes.Length; node++)
        {
            if (nodes[node].Kind == OtlpNodeKind.Metric && !view.IsDropped(node)
                && AnyHolds(_config.Metrics, new FilterItem(view, node, in none)))
            {
                view.Drop(node);
            }
        }
    }

    private static void FilterItems(OtlpView view, IReadOnlyList<Condition> conditions)
    {
        if (conditions.Count == 0)
        {
            return;
        }

        SpanRecord none = default;
        foreach (var node in view.ItemNodes)
        {
            if (!view.IsDropped(node) && AnyHolds(conditions, new FilterItem(view, node, in none)))
            {
                view.Drop(node);
            }
        }
    }

    private static bool AnyHolds(IReadOnlyList<Condition> conditions, in FilterItem item)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].Holds(item))
            {
                return true;
            }
        }

        return false;
    }
}
