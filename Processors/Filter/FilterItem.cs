using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>The item a condition is evaluated for. On the stack.</summary>
internal readonly ref struct FilterItem
{
    private readonly ref readonly SpanRecord _span;

    public FilterItem(OtlpView view, int node, ref readonly SpanRecord span)
    {
        View = view;
        Node = node;
        _span = ref span;
    }

    /// <summary>The chunk.</summary>
    public OtlpView View { get; }

    /// <summary>The index of the span, metric, data point or log record.</summary>
    public int Node { get; }

    /// <summary>The span; empty for other items.</summary>
    public ref readonly SpanRecord Span => ref _span;
}
