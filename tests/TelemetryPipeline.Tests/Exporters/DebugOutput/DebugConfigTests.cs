using TelemetryPipeline.Exporters.DebugOutput;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Exporters.DebugOutput;

public sealed class DebugConfigTests
{
    [Fact]
    public void Read_Empty_HasTheCollectorsDefaults()
    {
        var config = ExporterHarness.Config<DebugConfig>(new DebugFactory(), "{}");

        Assert.Equal(DebugVerbosity.Basic, config.Verbosity);
        Assert.Equal(2, config.SamplingInitial);
        Assert.Equal(1, config.SamplingThereafter);
        Assert.True(config.UseInternalLogger);
        Assert.Equal(["stdout"], config.OutputPaths);
        Assert.False(config.Sending.Queue.Enabled);
        Assert.False(config.Sending.Retry.Enabled);
        Assert.Equal(TimeSpan.Zero, config.Sending.Timeout);
    }

    [Theory]
    [InlineData("{sending_queue: }")]
    [InlineData("{sending_queue: {queue_size: 7}}")]
    public void Read_QueueIsThere_IsOn(string yaml) =>
        Assert.True(ExporterHarness.Config<DebugConfig>(new DebugFactory(), yaml).Sending.Queue.Enabled);

    [Fact]
    public void Read_QueueOnDisk_NeedsItsStorage()
    {
        var factory = new DebugFactory();
        var config = ExporterHarness.Config<DebugConfig>(factory, "{sending_queue: {storage: file_storage}}");

        Assert.Equal([("sending_queue::storage", new ComponentId("file_storage", ""))], factory.RequiredExtensions(config));
    }

    [Theory]
    [InlineData("{verbosity: none}", "c.yaml:1:13: debug::verbosity: must be one of basic, normal, detailed, got \"none\"")]
    [InlineData("{sampling_initial: -1}", "c.yaml:1:20: debug::sampling_initial: must be a whole number, 0 or more, got -1")]
    [InlineData("{output_paths: [stderr]}", "c.yaml:1:16: debug::output_paths: must not be set unless use_internal_logger is false")]
    [InlineData("{use_internal_logger: false, output_paths: []}", "c.yaml:1:44: debug::output_paths: must have at least one path, got []")]
    [InlineData("{use_internal_logger: false, output_paths: ['']}", "c.yaml:1:44: debug::output_paths: must not have an empty path, got \"\"")]
    [InlineData("{timeout: 1s}", "c.yaml:1:2: debug: unknown key \"timeout\"")]
    public void Read_Wrong_SaysWhatAndWhere(string yaml, string error) =>
        Assert.Equal([error], ExporterHarness.Read(new DebugFactory(), yaml).Errors);
}
