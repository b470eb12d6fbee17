using Google.Protobuf;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.Attributes;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.Attributes;

/// <summary>Runs a request through an <c>attributes</c> or <c>resource</c> processor.</summary>
internal static class AttributesRun
{
    /// <summary>What becomes of a request.</summary>
    public static async Task<T> ChangeAsync<T>(ProcessorFactory<AttributesConfig> factory, string yaml, T request)
        where T : IMessage
    {
        using var next = new RecordingConsumer();
        using var batch = OtlpPayloads.Batch(request);
        var processor = Create(factory, yaml, batch.Signal, next);
        Assert.True((await processor.ConsumeAsync(batch, TestContext.Current.CancellationToken)).IsAccepted);
        return (T)OtlpPayloads.Parse(Assert.Single(next.Batches));
    }

    /// <summary>A processor in a pipeline of a signal.</summary>
    public static IProcessor Create(ProcessorFactory<AttributesConfig> factory, string yaml, Signal signal, IConsumer next) => factory.Create(
        new ProcessorHarness(signal).Context(factory.Type, signal.PipelineName()),
        ProcessorHarness.Config<AttributesConfig>(factory, Node(yaml)),
        next);

    /// <summary>The problems of settings.</summary>
    public static IReadOnlyList<ConfigError> Errors(ProcessorFactory<AttributesConfig> factory, string yaml) =>
        ProcessorHarness.Read(factory, Node(yaml)).Errors;

    private static ConfigNode Node(string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, "test.yaml", out var node, out var problem), problem?.ToString());
        return node;
    }
}
