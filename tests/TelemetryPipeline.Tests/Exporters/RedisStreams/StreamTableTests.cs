using System.Linq;
using System.Text;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Exporters.RedisStreams;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.RedisStreams;

public sealed class StreamTableTests
{
    [Theory]
    [InlineData("bank-a_1.x", "bank-a_1.x")]
    [InlineData("", "unknown")]
    [InlineData("bank a", "bank_a-60e68092")]
    [InlineData("{x}", "_x_-6eb7a0dc")]
    public void Sanitise_Value_FitsIntoANameAndStaysDifferent(string value, string expected) =>
        Assert.Equal(expected, StreamTable.Sanitise(Encoding.UTF8.GetBytes(value)));

    [Fact]
    public void Sanitise_LongOrForeignValues_AreBoundedAndDiffer()
    {
        var names = new[] { new string('a', 200), new string('a', 201), "\u5de5\u884c", "\u5efa\u884c" }
            .Select(v => StreamTable.Sanitise(Encoding.UTF8.GetBytes(v))).ToList();

        Assert.Equal(4, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[A-Za-z0-9._-]{1,73}$", name));
    }

    [Fact]
    public void RouteOf_AttributeInTheName_ComesFromTheSpanThenTheResource()
    {
        Assert.Equal("t:traces:span-tenant:x", NameOf("t:{signal}:{tenant.id}:x", new SpanBuilder("a").With("tenant.id", "span-tenant").Build()));
        Assert.Equal("t:traces:bank-a", NameOf("t:{signal}:{tenant.id}", new SpanBuilder("a").Build()));
        Assert.Equal("t:42:unknown", NameOf("t:{n}:{nothing}", new SpanBuilder("a").With("n", 42).Build()));
    }

    [Fact]
    public void RouteOf_MoreValuesThanAllowed_ShareTheOverflowStream()
    {
        var overflows = new MetricRegistry().Counter("o", "");
        var router = Router("{endpoint: r, stream: \"t:{n}\", max_streams: 2}", overflows);
        var names = Enumerable.Range(0, 5).Select(i => Route(router, new SpanBuilder("a").With("n", i).Build()).Stream.Name).ToList();

        Assert.Equal(["t:0", "t:1", "t:_overflow", "t:_overflow", "t:_overflow"], names);
        Assert.Equal("t:1", Route(router, new SpanBuilder("a").With("n", 1).Build()).Stream.Name);
        Assert.Equal(3, overflows.Value);
    }

    [Fact]
    public void RouteOf_ByTraceId_IsTheLowHalfModuloPartitions()
    {
        var router = Router("{endpoint: r, partitions: 8}");

        Assert.Equal(5, Route(router, new SpanBuilder("a").Trace(77, 13).Build()).Partition);
        Assert.Equal("telemetry:traces:{5}", (string?)Route(router, new SpanBuilder("a").Trace(1, 5).Build()).Stream[5]);
        Assert.Equal(3, Route(router, new SpanBuilder("a").Trace(0, 0).Build(), hash: 11).Partition);
    }

    [Fact]
    public void RouteOf_ByAttribute_IsItsCrc32ModuloPartitions()
    {
        var router = Router("{endpoint: r, partitions: 1000, partition_by: attribute, partition_attribute: customer}");

        // CRC-32 of "123456789", the check value of every catalogue of CRCs.
        Assert.Equal((int)(0xCBF43926u % 1000), Route(router, new SpanBuilder("a").With("customer", "123456789").Build()).Partition);
    }

    private static string NameOf(string template, Span span) => Route(Router($"{{endpoint: r, stream: \"{template}\"}}"), span).Stream.Name;

    private static StreamRouter Router(string yaml, Counter? overflows = null)
    {
        var config = ExporterHarness.Config<RedisStreamsExporterConfig>(new RedisStreamsExporterFactory(), yaml);
        return new StreamRouter(config, new StreamTable(config, overflows ?? new MetricRegistry().Counter("o", "")));
    }

    private static Route Route(StreamRouter router, Span span, ulong hash = 0)
    {
        var resource = new Resource { Attributes = { new KeyValue { Key = "tenant.id", Value = new AnyValue { StringValue = "bank-a" } } } };
        using var batch = OtlpPayloads.Batch(new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { Resource = resource, ScopeSpans = { new ScopeSpans { Spans = { span } } } } },
        });
        using var scratch = new PooledBuffer();
        return router.RouteOf(batch.View(0), 0, hash, scratch);
    }
}
