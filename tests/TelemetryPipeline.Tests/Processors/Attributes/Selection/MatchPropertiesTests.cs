using System.Linq;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.Attributes;
using TelemetryPipeline.Tests.Exporters.DebugOutput;
using TelemetryPipeline.TestSupport.Otlp;
using Kind = OpenTelemetry.Proto.Trace.V1.Span.Types.SpanKind;

namespace TelemetryPipeline.Tests.Processors.Attributes.Selection;

/// <summary>Which items <c>include</c> and <c>exclude</c> choose: those that an action leaves its mark on.</summary>
public sealed class MatchPropertiesTests
{
    private const string Mark = "seen";
    private const string Actions = "actions: [{key: seen, value: 1, action: insert}]\n";

    [Theory]
    [InlineData("include: {match_type: strict, services: [core-ledger]}", "post read")]
    [InlineData("include: {match_type: strict, services: [ledger]}", "")]
    [InlineData("include: {match_type: regexp, services: [^gate, ledger]}", "post read route")]
    [InlineData("include: {match_type: strict, services: [<nil-service-name>]}", "orphan")]
    [InlineData("include: {match_type: strict, span_names: [read, orphan]}", "read orphan")]
    [InlineData("include: {match_type: regexp, span_names: [o]}", "post route orphan")]
    [InlineData("include: {match_type: strict, span_kinds: [SPAN_KIND_SERVER]}", "post route")]
    [InlineData("include: {match_type: regexp, span_kinds: [CLIENT|UNSPECIFIED]}", "read orphan")]
    [InlineData("include: {match_type: strict, attributes: [{key: amount}]}", "post")]
    [InlineData("include: {match_type: strict, attributes: [{key: amount, value: 100}]}", "post")]
    [InlineData("include: {match_type: strict, attributes: [{key: amount, value: '100'}]}", "")]
    [InlineData("include: {match_type: strict, attributes: [{key: channel, value: atm}, {key: amount, value: 100}]}", "post")]
    [InlineData("include: {match_type: strict, attributes: [{key: channel, value: atm}, {key: amount, value: 101}]}", "")]
    [InlineData("include: {match_type: strict, attributes: [{key: ok, value: true}]}", "read")]
    [InlineData("include: {match_type: strict, attributes: [{key: rate, value: 0.5}]}", "route")]
    [InlineData("include: {match_type: regexp, attributes: [{key: amount, value: ^1}]}", "post")]
    [InlineData("include: {match_type: regexp, attributes: [{key: ok, value: ^true$}]}", "read")]
    [InlineData("include: {match_type: regexp, attributes: [{key: rate, value: '^0\\.5$'}]}", "route")]
    [InlineData("include: {match_type: regexp, attributes: [{key: list, value: .}]}", "")]
    [InlineData("include: {match_type: strict, attributes: [{key: list}]}", "orphan")]
    [InlineData("include: {match_type: strict, resources: [{key: env, value: prod}]}", "post read")]
    [InlineData("include: {match_type: strict, resources: [{key: env}, {key: service.name, value: gateway}]}", "")]
    [InlineData("include: {match_type: strict, libraries: [{name: ledger}]}", "post read")]
    [InlineData("include: {match_type: strict, libraries: [{name: ledger, version: '1.2'}]}", "post read")]
    [InlineData("include: {match_type: strict, libraries: [{name: ledger, version: '1'}]}", "")]
    [InlineData("include: {match_type: strict, libraries: [{name: http, version: ''}]}", "route")]
    [InlineData("include: {match_type: strict, libraries: [{name: ledger, version: ''}]}", "")]
    [InlineData("include: {match_type: regexp, libraries: [{name: ^l, version: ^1}]}", "post read")]
    [InlineData("include: {match_type: strict, libraries: [{name: ledger}, {name: http}]}", "")]
    [InlineData("include: {match_type: strict, services: [core-ledger], span_names: [route, read]}", "read")]
    [InlineData("exclude: {match_type: strict, span_names: [read]}", "post route orphan")]
    [InlineData("exclude: {match_type: strict, services: [core-ledger], span_kinds: [SPAN_KIND_SERVER]}", "read route orphan")]
    [InlineData("include: {match_type: strict, services: [core-ledger]}\nexclude: {match_type: regexp, span_names: [^p]}", "read")]
    [InlineData("include:\nexclude:", "post read route orphan")]
    public async Task Consume_Traces_ChangesTheSpansThatMatch(string selection, string expected)
    {
        var changed = await AttributesRun.ChangeAsync(new AttributesFactory(), Actions + selection, Transfers());

        var marked = Oracle.Items(changed).Select(static i => (Span)i.Item)
            .Where(static s => s.Attributes.Any(static a => a.Key == Mark)).Select(static s => s.Name);
        Assert.Equal(expected, string.Join(' ', marked));
    }

    [Theory]
    [InlineData("include: {match_type: strict, metric_names: [latency, transfers]}", "transfers latency latency")]
    [InlineData("include: {match_type: regexp, metric_names: [^a, depth]}", "queue.depth queue.depth amount")]
    [InlineData("exclude: {match_type: regexp, metric_names: [.]}", "")]
    [InlineData("include: {match_type: strict, resources: [{key: service.name, value: core-ledger}], metric_names: [amount]}", "amount")]
    [InlineData("include: {match_type: strict, resources: [{key: service.name, value: gateway}]}", "")]
    public async Task Consume_Metrics_ChangesThePointsOfMetricsThatMatch(string selection, string expected)
    {
        var changed = await AttributesRun.ChangeAsync(new AttributesFactory(), Actions + selection, DebugData.Metrics());

        var marked = changed.ResourceMetrics[0].ScopeMetrics[0].Metrics.SelectMany(
            static metric => Oracle.Points(metric)
                .Where(static p => AttributesOfSignalsTests.AttributesOf(p).Any(static a => a.Key == Mark))
                .Select(_ => metric.Name));
        Assert.Equal(expected, string.Join(' ', marked));
    }

    // Record 0 is "card 6222 refused" with severity 14, WARN; record 1 has a map for a body and no severity.
    [Theory]
    [InlineData("include: {match_type: strict, log_bodies: [card 6222 refused]}", "0")]
    [InlineData("include: {match_type: strict, log_bodies: [card]}", "")]
    [InlineData("include: {match_type: regexp, log_bodies: ['\"step\":\"settle\"']}", "1")]
    [InlineData("include: {match_type: strict, log_severity_texts: [WARN, ERROR]}", "0")]
    [InlineData("include: {match_type: strict, log_severity_number: {min: 14}}", "0")]
    [InlineData("include: {match_type: strict, log_severity_number: {min: 15}}", "")]
    [InlineData("include: {match_type: strict, log_severity_number: {min: 15, match_undefined: true}}", "1")]
    [InlineData("exclude: {match_type: strict, log_severity_number: {min: 1}}", "1")]
    [InlineData("include: {match_type: strict, attributes: [{key: channel, value: atm}]}", "0")]
    [InlineData("include: {match_type: regexp, resources: [{key: service.name, value: ledger$}]}", "0 1")]
    [InlineData("include: {match_type: strict, libraries: [{name: ''}]}", "0 1")]
    public async Task Consume_Logs_ChangesTheRecordsThatMatch(string selection, string expected)
    {
        var changed = await AttributesRun.ChangeAsync(new AttributesFactory(), Actions + selection, DebugData.Logs());

        var marked = Oracle.Items(changed).Index()
            .Where(static i => AttributesOfSignalsTests.AttributesOf(i.Item.Item).Any(static a => a.Key == Mark)).Select(static i => i.Index);
        Assert.Equal(expected, string.Join(' ', marked));
    }

    [Theory]
    [InlineData("include: {services: [a]}", "include::match_type: must be set, one of strict, regexp")]
    [InlineData("include: {match_type: glob, services: [a]}", "include::match_type: must be one of strict, regexp, got \"glob\"")]
    [InlineData("exclude: {match_type: strict, services: []}", "exclude: must have at least one of services, span_names, span_kinds, log_bodies, log_severity_texts, log_severity_number, metric_names, attributes, resources, libraries")]
    [InlineData("include: {match_type: strict, span_kinds: [server]}", "include::span_kinds: must be of SPAN_KIND_CLIENT, SPAN_KIND_CONSUMER, SPAN_KIND_INTERNAL, SPAN_KIND_PRODUCER, SPAN_KIND_SERVER, got \"server\"")]
    [InlineData("include: {match_type: strict, log_severity_number: {min: 25}}", "include::log_severity_number::min: must be a whole number from 0 to 24, got 25")]
    [InlineData("include: {match_type: strict, attributes: [{value: 1}]}", "include::attributes::0::key: must be set")]
    [InlineData("include: {match_type: strict, attributes: [{key: a, value: [1]}]}", "include::attributes::0::value: must be a string, a number or a boolean, got a list")]
    [InlineData("include: {match_type: regexp, services: [a], regexp: {cacheenabled: true}}", "include::regexp: not supported by this build: matching takes linear time and is not cached")]
    public void ReadConfig_Wrong_SaysWhatAndWhere(string selection, string problem)
    {
        var error = Assert.Single(AttributesRun.Errors(new AttributesFactory(), Actions + selection));
        Assert.EndsWith($"processors::attributes::{problem}", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("services: ['(']", "include::services: must be a regular expression in RE2 syntax, got \"(\"")]
    [InlineData("attributes: [{key: a, value: '('}]", "include::attributes::0::value: must be a regular expression in RE2 syntax")]
    [InlineData("attributes: [{key: a, value: 1}]", "include::attributes::0::value: must be a string, got 1; quote it to make it one")]
    [InlineData("services: [a], span_name: [b]", "include: unknown key \"span_name\"; did you mean \"span_names\"?")]
    public void ReadConfig_WrongExpressionOrKey_SaysWhatAndWhere(string property, string problem)
    {
        var errors = AttributesRun.Errors(new AttributesFactory(), $"{Actions}include: {{match_type: regexp, {property}}}");
        Assert.Contains(problem, errors[0].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Signal.Traces, "include", "log_bodies: [a]", "include::log_bodies is for logs, not for traces")]
    [InlineData(Signal.Logs, "exclude", "services: [a]", "exclude::services is for traces, not for logs")]
    [InlineData(Signal.Metrics, "include", "metric_names: [a], attributes: [{key: a}]", "include::attributes is for traces and logs, not for metrics")]
    public void Create_PropertyOfAnotherSignal_IsRefused(Signal signal, string key, string property, string problem)
    {
        using var next = new RecordingConsumer();

        var failure = Assert.Throws<ComponentStartException>(() => AttributesRun.Create(
            new AttributesFactory(), $"{Actions}{key}: {{match_type: strict, {property}}}", signal, next));

        Assert.Equal($"processor attributes in pipeline {signal.PipelineName()}: {problem}", failure.Message);
    }

    private static ExportTraceServiceRequest Transfers()
    {
        var orphan = new SpanBuilder("orphan").Kind(Kind.Unspecified).With("list", new AnyValue { ArrayValue = new ArrayValue() });
        return new ExportTraceServiceRequest
        {
            ResourceSpans =
            {
                Spans(
                    new Resource { Attributes = { Text("service.name", "core-ledger"), Text("env", "prod") } },
                    new InstrumentationScope { Name = "ledger", Version = "1.2" },
                    new SpanBuilder("post").With("amount", 100).With("channel", "atm"),
                    new SpanBuilder("read").Kind(Kind.Client).With("ok", true)),
                Spans(
                    new Resource { Attributes = { Text("service.name", "gateway") } },
                    new InstrumentationScope { Name = "http" },
                    new SpanBuilder("route").With("rate", 0.5)),
                Spans(null, null, orphan),
            },
        };
    }

    private static ResourceSpans Spans(Resource? resource, InstrumentationScope? scope, params SpanBuilder[] spans)
    {
        var envelope = new ScopeSpans { Scope = scope };
        envelope.Spans.AddRange(spans.Select(static s => s.Build()));
        return new ResourceSpans { Resource = resource, ScopeSpans = { envelope } };
    }

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
