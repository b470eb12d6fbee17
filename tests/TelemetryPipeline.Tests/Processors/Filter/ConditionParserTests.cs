using System.Linq;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.Filter;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.Filter;

public sealed class ConditionParserTests
{
    [Theory]
    [InlineData("name == \"transfer\"", true)]
    [InlineData("span.name != \"transfer\"", false)]
    [InlineData("kind == SPAN_KIND_SERVER", true)]
    [InlineData("status.code == STATUS_CODE_ERROR and status.message == \"declined\"", true)]
    [InlineData("end_time_unix_nano - start_time_unix_nano > 5000000", true)]
    [InlineData("(end_time_unix_nano - start_time_unix_nano) >= 6000001", false)]
    [InlineData("attributes[\"code\"] == 51", true)]
    [InlineData("attributes[\"code\"] == \"51\"", false)]
    [InlineData("attributes[\"code\"] != \"51\"", true)]
    [InlineData("attributes[\"code\"] < 51.5", true)]
    [InlineData("attributes[\"ratio\"] > -0.5 and attributes[\"ratio\"] <= 0.25", true)]
    [InlineData("attributes[\"vip\"] == true", true)]
    [InlineData("attributes[\"missing\"] == nil", true)]
    [InlineData("attributes[\"code\"] == nil", false)]
    [InlineData("attributes[\"missing\"] < 3", false)]
    [InlineData("resource.attributes[\"service.name\"] == \"core\"", true)]
    [InlineData("instrumentation_scope.name == \"lib\" and scope.version == \"2\"", true)]
    [InlineData("IsMatch(name, \"^trans.*r$\")", true)]
    [InlineData("IsMatch(attributes[\"code\"], \"^5\")", true)]
    [InlineData("IsMatch(attributes[\"missing\"], \"\")", false)]
    [InlineData("not (name == \"a\" or name == \"b\") and true", true)]
    [InlineData("name == \"a\" or name == \"transfer\" and false", false)]
    [InlineData("((kind == 2))", true)]
    [InlineData("\"a\\\"b\" == \"a\\\"b\"", true)]
    [InlineData("not not false", false)]
    public void TryParse_SupportedCondition_HoldsAsInTheCollector(string text, bool expected)
    {
        var slots = new AttributeSlots();
        Assert.True(ConditionParser.TryParse(ConditionContext.Span, text, slots, out var condition, out var problem), problem);
        using var batch = OtlpPayloads.Batch(Request());
        var view = batch.View(0);
        Assert.Equal(expected, condition.Holds(new FilterItem(view, view.Spans[0].Node, in view.Spans[0])));
    }

    [Theory]
    [InlineData("nam == \"a\"", "position 1 (at nam): unknown path nam; allowed are name, kind, ")]
    [InlineData("name = \"a\"", "position 6: unexpected character '='")]
    [InlineData("name == \"a", "position 9: the text that starts here has no closing quote")]
    [InlineData("name", "position 5 (at the end): expected one of == != < <= > >=")]
    [InlineData("name == \"a\" name", "position 13 (at name): expected and, or, or the end")]
    [InlineData("(name == \"a\"", "position 13 (at the end): expected )")]
    [InlineData("Len(name) == 3", "position 1 (at Len): unknown function Len; supported is IsMatch")]
    [InlineData("attributes[\"a\"][\"b\"] == 1", "position 16 (at [): parts of lists and maps are not supported")]
    [InlineData("attributes == nil", "position 12 (at ==): expected [\"key\"] after attributes")]
    [InlineData("IsMatch(name, \"(\")", "position 15 (at (): must be a regular expression in RE2 syntax")]
    [InlineData("IsMatch(name, \"(?=a)\")", "position 15 (at (?=a)): must be a regular expression in RE2 syntax")]
    [InlineData("", "position 1 (at the end): expected a path, a constant or IsMatch")]
    [InlineData("name == 0x0A", "position 9 (at 0x0A): expected a number; bytes such as 0x0A are not supported")]
    public void TryParse_AnythingElse_IsRefusedWithItsPosition(string text, string problem)
    {
        Assert.False(ConditionParser.TryParse(ConditionContext.Span, text, new AttributeSlots(), out _, out var actual));
        Assert.StartsWith(problem, actual, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('(')]
    [InlineData('n')]
    public void TryParse_DeepNesting_IsRefusedQuickly(char kind)
    {
        var text = kind == '(' ? new string('(', 5000) : string.Concat(Enumerable.Repeat("not ", 5000));
        Assert.False(ConditionParser.TryParse(ConditionContext.Span, text, new AttributeSlots(), out _, out _));
    }

    [Fact]
    public void Holds_AnySpan_AllocatesNothing()
    {
        var slots = new AttributeSlots();
        Assert.True(ConditionParser.TryParse(
            ConditionContext.Span,
            "attributes[\"code\"] == 51 and resource.attributes[\"service.name\"] != \"x\" and not (kind == 3) and name == \"no\"",
            slots,
            out var condition,
            out _));
        using var batch = OtlpPayloads.Batch(Request());
        var view = batch.View(0);
        _ = condition.Holds(new FilterItem(view, view.Spans[0].Node, in view.Spans[0]));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _ = condition.Holds(new FilterItem(view, view.Spans[0].Node, in view.Spans[0]));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static ExportTraceServiceRequest Request() => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new Resource { Attributes = { Text("service.name", "core") } },
                ScopeSpans =
                {
                    new ScopeSpans
                    {
                        Scope = new InstrumentationScope { Name = "lib", Version = "2" },
                        Spans =
                        {
                            new Span
                            {
                                TraceId = Google.Protobuf.ByteString.CopyFrom(new byte[16]),
                                SpanId = Google.Protobuf.ByteString.CopyFrom(new byte[8]),
                                Name = "transfer",
                                Kind = Span.Types.SpanKind.Server,
                                StartTimeUnixNano = 1_000_000_000,
                                EndTimeUnixNano = 1_006_000_000,
                                Status = new Status { Code = Status.Types.StatusCode.Error, Message = "declined" },
                                Attributes =
                                {
                                    new KeyValue { Key = "code", Value = new AnyValue { IntValue = 51 } },
                                    new KeyValue { Key = "ratio", Value = new AnyValue { DoubleValue = 0.25 } },
                                    new KeyValue { Key = "vip", Value = new AnyValue { BoolValue = true } },
                                },
                            },
                        },
                    },
                },
            },
        },
    };

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
