using TelemetryPipeline.Exporters.Nop;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Exporters.Nop;

public sealed class NopExporterTests
{
    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public async Task Consume_EverySignal_IsAcceptedAndLeftToItsOwner(Signal signal)
    {
        var exporter = Exporter();
        await exporter.StartAsync(TestContext.Current.CancellationToken);
        var chunk = OtlpChunk.FromArray(signal, new byte[4], 2);
        var batch = new OtlpBatch(chunk.Retain());

        var result = await exporter.ConsumeAsync(batch, TestContext.Current.CancellationToken);
        await exporter.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(result.IsAccepted);
        Assert.Equal(2, batch.ItemCount);
        Assert.Same(chunk, batch.Chunks[0]);
        batch.Dispose();
        Assert.Equal(4, chunk.Length);
        chunk.Release();
    }

    private static IExporter Exporter()
    {
        var factory = new NopFactory();
        return factory.Create(new ExporterHarness().Context("nop"), ExporterHarness.Config(factory, "{}"));
    }
}
