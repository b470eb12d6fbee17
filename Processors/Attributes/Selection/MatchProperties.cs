using System.Buffers;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.Matching;

namespace TelemetryPipeline.Processors.Attributes.Selection;

/// <summary>What items must be like: an <c>include</c> or <c>exclude</c>. Every property that is set must match. Immutable.</summary>
internal sealed record MatchProperties
{
    // What the Collector takes for the service where a resource has none.
    private static readonly byte[] NoService = "<nil-service-name>"u8.ToArray();

    public TextMatcher? Services { get; init; }

    public TextMatcher? SpanNames { get; init; }

    public TextMatcher? SpanKinds { get; init; }

    public TextMatcher? LogBodies { get; init; }

    public TextMatcher? LogSeverityTexts { get; init; }

    public SeverityRange? LogSeverityNumber { get; init; }

    public TextMatcher? MetricNames { get; init; }

    public AttributeMatcher[] Attributes { get; init; } = [];

    public AttributeMatcher[] Resources { get; init; } = [];

    public LibraryMatcher[] Libraries { get; init; } = [];

    /// <summary>The properties that are set, by their keys, with the signals that have them.</summary>
    public IEnumerable<(string Key, Signal[] Signals)> Used()
    {
        Signal[] spans = [Signal.Traces];
        Signal[] records = [Signal.Logs];
        Signal[] both = [Signal.Traces, Signal.Logs];
        (object? Property, string Key, Signal[] Signals)[] all =
        [
            (Services, "services", spans),
            (SpanNames, "span_names", spans),
            (SpanKinds, "span_kinds", spans),
            (LogBodies, "log_bodies", records),
            (LogSeverityTexts, "log_severity_texts", records),
            (LogSeverityNumber, "log_severity_number", records),
            (MetricNames, "metric_names", [Signal.Metrics]),
            (Attributes.Length == 0 ? null : Attributes, "attributes", both),
            (Resources.Length == 0 ? null : Resources, "resources", [Signal.Traces, Signal.Metrics, Signal.Logs]),
            (Libraries.Length == 0 ? null : Libraries, "libraries", both),
        ];
        foreach (var (property, key, signals) in all)
        {
            if (property is not null)
            {
                yield return (key, signals);
            }
        }
    }

    /// <summary>Whether the resource, scope and metric of an item match: the same for all items that share them.</summary>
    /// <param name="view">The chunk.</param>
    /// <param name="node">The index of the item.</param>
    public bool MatchesHolders(OtlpView view, int node)
    {
        var resource = view.ResourceOf(node);
        if (Services is not null && !MatchesService(view, resource))
        {
            return false;
        }

        if (MetricNames is not null && !MetricNames.Matches(view.Name(view.MetricOf(node))))
        {
            return false;
        }

        var scope = view.ScopeOf(node);
        foreach (var library in Libraries)
        {
            if (!library.Name.Matches(view.Name(scope)) || library.Version?.Matches(view.ScopeVersion(scope)) == false)
            {
                return false;
            }
        }

        return AttributeMatcher.AllMatch(Resources, view, resource);
    }

    /// <summary>Whether an item itself matches.</summary>
    /// <param name="view">The chunk.</param>
    /// <param name="item">The item's ordinal.</param>
    /// <param name="node">The item's node.</param>
    public bool MatchesItem(OtlpView view, int item, int node)
    {
        if (SpanNames is not null && !SpanNames.Matches(view.Name(node)))
        {
            return false;
        }

        if (SpanKinds is not null && !SpanKinds.Matches(KindName(view.Spans[item].Kind)))
        {
            return false;
        }

        if (LogBodies is not null && !MatchesText(LogBodies, view.Body(node)))
        {
            return false;
        }

        if (LogSeverityTexts is not null && !LogSeverityTexts.Matches(view.SeverityText(node)))
        {
            return false;
        }

        return LogSeverityNumber?.Matches(view.SeverityNumber(node)) != false
            && AttributeMatcher.AllMatch(Attributes, view, node);
    }

    private static bool MatchesText(TextMatcher matcher, AnyValueView value)
    {
        if (value.Kind == AnyValueKind.Text)
        {
            return matcher.Matches(value.Text);
        }

        var text = new ArrayBufferWriter<byte>();
        value.WriteText(text);
        return matcher.Matches(text.WrittenSpan);
    }

    private static ReadOnlySpan<byte> KindName(SpanKind kind) => kind switch
    {
        SpanKind.Internal => "SPAN_KIND_INTERNAL"u8,
        SpanKind.Server => "SPAN_KIND_SERVER"u8,
        SpanKind.Client => "SPAN_KIND_CLIENT"u8,
        SpanKind.Producer => "SPAN_KIND_PRODUCER"u8,
        SpanKind.Consumer => "SPAN_KIND_CONSUMER"u8,
        _ => "SPAN_KIND_UNSPECIFIED"u8,
    };

    private bool MatchesService(OtlpView view, int resource) =>
        view.TryGetAttribute(resource, "service.name"u8, out var name)
            ? MatchesText(Services!, name)
            : Services!.Matches(NoService);
}
