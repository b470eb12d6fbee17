using System.Linq;
using System.Reflection;
using System.Text;
using StackExchange.Redis;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Receiver.RedisStreams;
using TelemetryPipeline.Redis;
using TelemetryPipeline.Tests.Processors;

namespace TelemetryPipeline.Tests.Receiver.RedisStreams;

/// <summary>
/// Scenario: an entry of a stream that the decoder or the pipeline cannot handle.
/// Guarantees: it goes to the dead letters with a reason after a bounded number of attempts, is acknowledged, and those
/// behind it are delivered.
/// </summary>
public sealed class EntryDeliveryTests : IAsyncDisposable
{
    private readonly ProcessorHarness _harness = new();
    private readonly ReceivingSink _sink = new();
    private readonly DeadLetters _deadLetters;
    private readonly IDatabase _database;
    private readonly RedisLink _link;
    private readonly EntryDelivery _delivery;

    public EntryDeliveryTests()
    {
        _database = DispatchProxy.Create<IDatabase, DeadLetters>();
        _deadLetters = (DeadLetters)(object)_database;
        var context = _harness.Context("redis_streams");
        var config = new RedisStreamsReceiverConfig { Connection = new RedisConnectionConfig { Endpoints = [] } };
        _link = new RedisLink(config.Connection, config.Timeout, context);
        var outlet = new Outlet();
        outlet.ConnectAsync(_sink);
        _delivery = new EntryDelivery(
            "telemetry:traces", config, [outlet, new Outlet(), new Outlet()], new ReaderCounters("telemetry:traces", context),
            new HeldEntries("telemetry:traces", config, _link, _harness.Time), context);
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    [Theory]
    [InlineData("""{"zz\ud83d":1}""")]
    [InlineData("""{"resourceSpans":[{"\udc00":[]}]}""")]
    [InlineData("not JSON")]
    public async Task DeliverAsync_EntryThatCannotBeRead_IsAcknowledgedAndNeverThrows(string json)
    {
        var isDone = await DeliverAsync(Entry(json));

        Assert.True(isDone);
        Assert.All(_deadLetters.Reasons, static reason => Assert.Equal("malformed", reason));
        Assert.Equal(_deadLetters.Reasons.Count, _harness.Metric("otelcol_receiver_redis_streams_dead_letters", "malformed"));
    }

    [Theory]
    [InlineData("""{"kind":"\ud83d"}""", "invalid_enum", 0)]
    [InlineData("""{},{"traceId":"01"},{"name":"transfer"}""", "invalid_id", 2)]
    public async Task DeliverAsync_ItemThatCannotBeRepresented_IsADeadLetterAndItsNeighboursAreDelivered(
        string spans, string reason, int delivered)
    {
        Assert.True(await DeliverAsync(Entry($$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{spans}}]}]}]}""")));

        Assert.Equal([reason], _deadLetters.Reasons);
        Assert.Equal(delivered, _sink.Batches.Sum(static batch => batch.Items));
    }

    [Fact]
    public async Task DeliverAsync_PipelineThrowsOnce_IsDeliveredByTheSecondAttempt()
    {
        var attempts = 0;
        _sink.Answer = (_, _) => ++attempts == 1 ? throw new InvalidOperationException("a bug in a processor") : new(ConsumeResult.Accepted);

        Assert.True(await DeliverAsync(Entry(OneSpan)));

        Assert.Empty(_deadLetters.Reasons);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task DeliverAsync_PipelineAlwaysThrows_GoesToTheDeadLettersAfterFiveAttempts()
    {
        var attempts = 0;
        _sink.Answer = (_, _) =>
        {
            attempts++;
            throw new InvalidOperationException("a bug in a processor");
        };

        Assert.True(await DeliverAsync(Entry(OneSpan)));

        Assert.Equal((5, "internal_error"), (attempts, Assert.Single(_deadLetters.Reasons)));
        Assert.Equal(5, _harness.Metric("otelcol_receiver_failed_spans"));
        Assert.Equal(5, _harness.Metric("otelcol_background_failures", "entry_delivery"));
    }

    private const string OneSpan = """
        {"resourceSpans":[{"scopeSpans":[{"spans":[
          {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"transfer"}]}]}]}
        """;

    private static StreamEntry Entry(string json) => new("1-0",
    [
        new("v", "1"), new("encoding", "otlp_json"), new("signal", "traces"), new("items", "1"),
        new("data", Encoding.UTF8.GetBytes(json)),
    ]);

    private async Task<bool> DeliverAsync(StreamEntry entry)
    {
        var delivering = _delivery.DeliverAsync(_database, entry, 1, CancellationToken.None).AsTask();
        for (var i = 0; !delivering.IsCompleted; i++)
        {
            Assert.True(i < 60_000, "the entry was never settled");
            _harness.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        return await delivering;
    }

    /// <summary>A database that takes entries and knows no other command.</summary>
    public class DeadLetters : DispatchProxy
    {
        public List<string> Reasons { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IDatabase.StreamAddAsync), targetMethod!.Name);
            var fields = args!.OfType<NameValueEntry[]>().Single();
            Reasons.Add(fields.Single(static f => f.Name == "dead_reason").Value.ToString());
            return Task.FromResult<RedisValue>("2-0");
        }
    }
}
