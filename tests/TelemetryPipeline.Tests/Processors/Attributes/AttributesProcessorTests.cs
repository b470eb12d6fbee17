using OpenTelemetry.Proto.Common.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.Attributes;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.Attributes;

public sealed class AttributesProcessorTests
{
    [Fact]
    public async Task Consume_EveryAction_ChangesEachSpanAndNothingElse()
    {
        var request = new TransferTraces().Request(2);
        foreach (var span in Spans(request))
        {
            span.Attributes.Clear();
            span.Attributes.Add(Text("keep", "x"));
            span.Attributes.Add(Text("card", "4111"));
            span.Attributes.Add(Text("url", "/pay/77"));
            span.Attributes.Add(Text("code", "51"));
            span.Attributes.Add(Text("debug.a", "1"));
        }

        var expected = request.Clone();
        foreach (var span in Spans(expected))
        {
            // Oracle for the hash: sha256sum of "4111".
            span.Attributes[1].Value.StringValue = Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData("4111"u8));
            span.Attributes[3].Value = new AnyValue { IntValue = 51 };
            span.Attributes.RemoveAt(4);
            span.Attributes.Add(new KeyValue { Key = "added", Value = new AnyValue { IntValue = -7 } });
            span.Attributes.Add(Text("copy", "x"));
            span.Attributes.Add(Text("tenant", "a;b"));
            span.Attributes.Add(Text("id", "77"));
        }

        var actual = await RunAsync(new AttributesFactory(), request, Nodes.Map(("actions", Nodes.List(
            Nodes.Map(("key", "card"), ("action", "hash")),
            Nodes.Map(("key", "code"), ("action", "convert"), ("converted_type", "int")),
            Nodes.Map(("pattern", "^debug\\."), ("action", "delete")),
            Nodes.Map(("key", "added"), ("value", -7), ("action", "insert")),
            Nodes.Map(("key", "keep"), ("value", "y"), ("action", "insert")),
            Nodes.Map(("key", "missing"), ("value", "y"), ("action", "update")),
            Nodes.Map(("key", "copy"), ("from_attribute", "keep"), ("action", "upsert")),
            Nodes.Map(("key", "tenant"), ("from_context", "metadata.x-tenant"), ("action", "upsert")),
            Nodes.Map(("key", "url"), ("pattern", "/pay/(?P<id>[0-9]+)"), ("action", "extract"))))));

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Consume_Resource_ChangesResourcesOnly()
    {
        var request = new TransferTraces().Request(1);
        var expected = request.Clone();
        foreach (var resource in expected.ResourceSpans)
        {
            resource.Resource.Attributes.Add(Text("env", "test"));
        }

        var actual = await RunAsync(new ResourceFactory(), request, Nodes.Map(("attributes", Nodes.List(
            Nodes.Map(("key", "env"), ("value", "test"), ("action", "insert"))))));
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData("delete", null, null, "key: at least one of \"key\" and \"pattern\" must be set")]
    [InlineData("insert", "k", null, ": exactly one of \"value\", \"from_attribute\" and \"from_context\" must be set, got 0")]
    [InlineData("extract", "k", "(a)", "pattern: contains at least one unnamed matcher group")]
    [InlineData("extract", "k", "a", "pattern: contains no named matcher groups")]
    [InlineData("convert", "k", null, "converted_type: must be set, one of string, int, double")]
    [InlineData("remove", "k", null, "action: must be one of insert, update, upsert, delete, hash, extract, convert, got \"remove\"")]
    public void ReadConfig_BadAction_IsRefused(string action, string? key, string? pattern, string problem)
    {
        var (_, errors) = ProcessorHarness.Read(new AttributesFactory(), Nodes.Map(("actions", Nodes.List(
            Nodes.Map(("action", action), ("key", key), ("pattern", pattern))))));
        Assert.EndsWith(problem, errors[^1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadConfig_NoActions_IsRefused()
    {
        var (_, errors) = ProcessorHarness.Read(new AttributesFactory(), Nodes.Map());
        Assert.EndsWith("actions: must have at least one action", Assert.Single(errors).ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<OpenTelemetry.Proto.Trace.V1.Span> Spans(
        OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest request)
    {
        foreach (var resource in request.ResourceSpans)
        {
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    yield return span;
                }
            }
        }
    }

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static async Task<Google.Protobuf.IMessage> RunAsync(
        ProcessorFactory<AttributesConfig> factory, Google.Protobuf.IMessage request, ConfigNode settings)
    {
        using var next = new RecordingConsumer();
        var processor = factory.Create(
            new ProcessorHarness().Context(factory.Type), ProcessorHarness.Config<AttributesConfig>(factory, settings), next);
        using var batch = new OtlpBatch(
            OtlpPayloads.Chunk(request), new RequestMetadata([new("X-Tenant", ["a", "b"])]));
        Assert.True((await processor.ConsumeAsync(batch, TestContext.Current.CancellationToken)).IsAccepted);
        return OtlpPayloads.Parse(next.Batches[0]);
    }
}
