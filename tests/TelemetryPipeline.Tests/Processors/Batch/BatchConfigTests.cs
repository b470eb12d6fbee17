using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.Batch;

namespace TelemetryPipeline.Tests.Processors.Batch;

public sealed class BatchConfigTests
{
    private readonly BatchFactory _factory = new();

    [Fact]
    public void ReadConfig_Nothing_GivesTheCollectorsDefaults()
    {
        var config = ProcessorHarness.Config<BatchConfig>(_factory, null);
        Assert.Equal(8192, config.SendBatchSize);
        Assert.Equal(TimeSpan.FromMilliseconds(200), config.Timeout);
        Assert.Equal(0, config.SendBatchMaxSize);
        Assert.Empty(config.MetadataKeys);
        Assert.Equal(1000, config.MetadataCardinalityLimit);
    }

    [Fact]
    public void ReadConfig_MaxBelowSize_IsRefusedInTheCollectorsWords() => Rejects(
        Nodes.Map(("send_batch_size", 100), ("send_batch_max_size", 50)),
        "processors::batch::send_batch_max_size: send_batch_max_size must be greater or equal to send_batch_size (100), got 50");

    [Fact]
    public void ReadConfig_RepeatedMetadataKey_IsRefused() => Rejects(
        Nodes.Map(("metadata_keys", Nodes.List("tenant", "Tenant"))),
        "processors::batch::metadata_keys: duplicate entry in metadata_keys: \"Tenant\" (case-insensitive)");

    [Fact]
    public void ReadConfig_NegativeTimeout_IsRefused() => Rejects(
        Nodes.Map(("timeout", "-1s")), "processors::batch::timeout: must be 0s or more, got -1s");

    [Fact]
    public void ReadConfig_UnknownKey_IsRefusedWithTheNearest() => Rejects(
        Nodes.Map(("send_batch_sise", 1)), "processors::batch: unknown key \"send_batch_sise\"; did you mean \"send_batch_size\"?");

    private void Rejects(ConfigNode settings, string problem)
    {
        var (_, errors) = ProcessorHarness.Read(_factory, settings);
        Assert.Equal($"test.yaml:1:1: {problem}", Assert.Single(errors).ToString());
    }
}
