using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

public sealed class SendingConfigTests
{
    [Fact]
    public void Read_Nothing_GivesTheCollectorsDefaults()
    {
        var config = Accepts("{}");

        Assert.Equal(new QueueConfig(), config.Queue);
        Assert.Equal((true, 10, 1000L, QueueSizer.Requests), (config.Queue.Enabled, config.Queue.NumConsumers, config.Queue.QueueSize, config.Queue.Sizer));
        Assert.Equal(new RetryConfig(), config.Retry);
        Assert.Equal(TimeSpan.FromSeconds(300), config.Retry.MaxElapsedTime);
        Assert.Equal(TimeSpan.FromSeconds(5), config.Timeout);
        Assert.Empty(config.RequiredExtensions());
    }

    [Fact]
    public void Read_EmptyBatch_TakesTheQueuesSizer()
    {
        Assert.Null(Accepts("{sending_queue: {batch: }}").Queue.Batch);
        Assert.Null(Accepts("{sending_queue: {batch: {enabled: false}}}").Queue.Batch);
        var batch = Accepts("{sending_queue: {batch: {}}}").Queue.Batch!;
        Assert.Equal((QueueSizer.Items, 8192L, 0L), (batch.Sizer, batch.MinSize, batch.MaxSize));
        Assert.Equal(QueueSizer.Bytes, Accepts("{sending_queue: {sizer: bytes, queue_size: 9000, batch: {}}}").Queue.Batch!.Sizer);
    }

    [Fact]
    public void Read_Storage_NeedsTheExtensionAndNeverGivesUpUnlessTold()
    {
        var config = Accepts("{sending_queue: {storage: file_storage/a}}");
        Assert.Equal(TimeSpan.Zero, config.Retry.MaxElapsedTime);
        Assert.Equal(["sending_queue::storage file_storage/a"], config.RequiredExtensions().Select(e => $"{e.Setting} {e.Extension}"));

        var told = Accepts("{sending_queue: {storage: file_storage}, retry_on_failure: {max_elapsed_time: 60s}}");
        Assert.Equal(TimeSpan.FromSeconds(60), told.Retry.MaxElapsedTime);
    }

    [Theory]
    [InlineData("{sending_queue: {num_consumers: 0}}", "e::sending_queue::num_consumers: must be a whole number, 1 or more, got 0")]
    [InlineData("{sending_queue: {queue_size: 0}}", "e::sending_queue::queue_size: must be a whole number, 1 or more, got 0")]
    [InlineData("{sending_queue: {sizer: spans}}", "e::sending_queue::sizer: must be one of requests, items, bytes, got \"spans\"")]
    [InlineData("{sending_queue: {blocking: true}}", "e::sending_queue::blocking: not supported by this build: it was removed from the Collector; use block_on_overflow")]
    [InlineData("{sending_queue: {wait_for_result: true, storage: s}}", "e::sending_queue::wait_for_result: must be false with storage, which answers once the data is on disk, got true with storage s")]
    [InlineData("{sending_queue: {sizer: items, batch: {}}}", "e::sending_queue::batch: min_size must be at most queue_size 1000, else no batch ever fills, got 8192")]
    [InlineData("{sending_queue: {batch: {sizer: requests, min_size: 1}}}", "e::sending_queue::batch::sizer: must be items or bytes, got requests; requests is also taken over from the queue's sizer")]
    [InlineData("{sending_queue: {batch: {min_size: 5, max_size: 4}}}", "e::sending_queue::batch::max_size: must be 0 or at least min_size 5, got 4")]
    [InlineData("{sending_queue: {batch: {partition: {metadata_keys: [a, A]}}}}", "e::sending_queue::batch::partition::metadata_keys: must not name a key twice (in any case), got \"A\" again")]
    [InlineData("{retry_on_failure: {max_elapsed_time: 10s}}", "e::retry_on_failure::max_elapsed_time: must be 0 or at least max_interval 30s, got 10s")]
    [InlineData("{retry_on_failure: {max_elapsed_time: 1s}}", "e::retry_on_failure::max_elapsed_time: must be 0 or at least initial_interval 5s, got 1s")]
    public void Read_Wrong_IsRefusedWithTheWholeMessage(string yaml, string message)
    {
        var errors = new ConfigErrors();
        SendingConfig.Read(Section(yaml, errors), new SendingDefaults());
        var error = Assert.Single(errors.Sorted());
        Assert.Equal(message, $"{error.Path}: {error.Problem}");
    }

    private static SendingConfig Accepts(string yaml)
    {
        var errors = new ConfigErrors();
        var section = Section(yaml, errors);
        var config = SendingConfig.Read(section, new SendingDefaults());
        section.Finish();
        Assert.Empty(errors.Sorted());
        return config;
    }

    private static ConfigSection Section(string yaml, ConfigErrors errors)
    {
        Assert.True(YamlReader.TryRead(yaml, "test", out var node, out var error), error?.ToString());
        return new ConfigSection(node, default, "e", errors);
    }
}
