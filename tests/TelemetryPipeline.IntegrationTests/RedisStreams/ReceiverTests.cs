using System.Linq;
using StackExchange.Redis;
using TelemetryPipeline.TestSupport.Processes;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>Collectors that write to Redis Streams, and collectors that read from them, against a real server.</summary>
public sealed class ReceiverTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Scenario: all three signals go through streams in both encodings, one collector writing, one reading.
    // Guarantees: what comes out is what went in, everything is acknowledged, and the reader leaves no trace in the group.
    [Theory]
    [InlineData("otlp_proto", 1)]
    [InlineData("otlp_json", 4)]
    public async Task Receive_WhatAnotherCollectorWrote_ArrivesOnce(string encoding, int partitions)
    {
        await using var redis = await RedisUnderTest.StartAsync();
        await using var writer = await CollectorProcess.StartAsync(Writer(redis, $"encoding: {encoding}\n    partitions: {partitions}"));
        await using var reader = await CollectorProcess.StartAsync(Reader(redis, $"partitions: {partitions}"));
        using var load = new TransferLoad(writer.HttpEndpoint);
        for (var i = 0; i < 5; i++)
        {
            await load.SendSpansAsync();
        }

        Assert.True(await load.SendPointsAsync(7));
        Assert.True(await load.SendLogsAsync(9));
        await WaitForAsync([reader], r => r.Spans.Count >= 100 && r.Points.Count >= 7 && r.Logs.Count >= 9);

        Assert.Equal(0, await writer.StopAsync());
        Assert.Equal(0, await reader.StopAsync());
        var received = ReceivedTelemetry.Read(reader.PathOf(TestConfigs.OutputFile));
        Assert.Equal(load.AcceptedSpanIds.Order(), received.Spans.Select(s => s["spanId"]).Order());
        Assert.Equal((7, 9), (received.Points.Count, received.Logs.Count));
        Assert.All(received.Spans, s => Assert.Equal("balance-ledger", s.Service));
        foreach (var key in redis.KeysOf("traces", partitions))
        {
            var group = Assert.Single(await redis.Database.StreamGroupInfoAsync(key));
            Assert.Equal((0, 0L, 0), (group.PendingMessageCount, group.Lag, group.ConsumerCount));
        }
    }

    // Scenario: two collectors of one group read while a third writes, and pass on to a collector each; one of the two is
    // killed with entries in its hands.
    // Guarantees: both had a share, and every span that was accepted has been passed on by one of them.
    [Fact]
    public async Task Receive_OneOfTwoKilled_TheOtherTakesOver()
    {
        await using var redis = await RedisUnderTest.StartAsync();
        await using var writer = await CollectorProcess.StartAsync(Writer(redis));
        await using var firstTarget = await CollectorProcess.StartAsync(TestConfigs.ToFile("[]", "    {}"));
        await using var secondTarget = await CollectorProcess.StartAsync(TestConfigs.ToFile("[]", "    {}"));
        const string Settings = "claim_min_idle: 1s\n    batch_size: 4";
        await using var first = await CollectorProcess.StartAsync(Reader(redis, Settings, Forward(firstTarget.HttpPort), "otlp_http"));
        await using var second = await CollectorProcess.StartAsync(Reader(redis, Settings, Forward(secondTarget.HttpPort), "otlp_http"));
        using var load = new TransferLoad(writer.HttpEndpoint);
        using var stop = new CancellationTokenSource();
        var sending = load.SendUntilAsync(stop.Token);
        await WaitForAsync([firstTarget], static r => r.Spans.Count > 0);
        await WaitForAsync([secondTarget], static r => r.Spans.Count > 0);

        await first.SignalAsync("KILL");
        await first.WaitForExitAsync();
        await stop.CancelAsync();
        await sending;
        var accepted = load.AcceptedSpanIds;
        await WaitForAsync(
            [firstTarget, secondTarget], r => r.Spans.Select(s => s["spanId"]).ToHashSet(StringComparer.Ordinal).IsSupersetOf(accepted));

        await UntilAsync(async () => await PendingAsync(redis) == 0);
    }

    // Scenario: the reader's pipeline refuses what comes because its exporter's server is not there, then it is.
    // Guarantees: the entries stay pending, do not go to the dead letters, and arrive.
    [Fact]
    public async Task Receive_PipelineRefuses_LeavesEntriesPendingUntilItTakesThem()
    {
        await using var redis = await RedisUnderTest.StartAsync();
        await using var writer = await CollectorProcess.StartAsync(Writer(redis));
        var port = FreePorts.Take(1)[0];
        await using var reader = await CollectorProcess.StartAsync(Reader(
            redis, "claim_min_idle: 300ms\n    max_deliveries: 1", Forward(port), "otlp_http"));
        using var load = new TransferLoad(writer.HttpEndpoint);
        await load.SendSpansAsync();
        var key = redis.KeysOf("traces", 1)[0];
        await UntilAsync(async () => await PendingAsync(redis) == 1);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(1, await PendingAsync(redis));

        await using var target = await CollectorProcess.StartAsync(TestConfigs.ToFile("[]", "    {}"), port);
        await WaitForAsync([target], r => r.Spans.Count >= 20);

        await UntilAsync(async () => await PendingAsync(redis) == 0);
        Assert.Equal(0, await redis.Database.StreamLengthAsync(key + ":dead"));
    }

    // Scenario: entries that nobody can read, and one that was delivered again and again to consumers that died of it.
    // Guarantees: they go to the dead letters with the reason and all their fields, and what comes after them is read.
    [Fact]
    public async Task Receive_EntriesThatCannotBeDelivered_GoToTheDeadLetters()
    {
        await using var redis = await RedisUnderTest.StartAsync();
        var key = redis.KeysOf("traces", 1)[0];
        var database = redis.Database;
        await database.StreamCreateConsumerGroupAsync(key, RedisUnderTest.Group, StreamPosition.Beginning);
        await AddAsync(database, key, ("v", "1"), ("id", "1"), ("signal", "traces"), ("encoding", "otlp_proto"), ("data", "poison"));
        for (var i = 0; i < 3; i++)
        {
            await database.StreamReadGroupAsync(key, RedisUnderTest.Group, "dead", i == 0 ? StreamPosition.NewMessages : StreamPosition.Beginning);
        }

        await AddAsync(database, key, ("v", "1"), ("id", "2"), ("signal", "traces"), ("encoding", "otlp_proto"), ("data", "\x7f"));
        await AddAsync(database, key, ("v", "1"), ("id", "3"), ("type", "span"), ("name", "x"));
        await AddAsync(database, key, ("v", "2"), ("id", "4"), ("signal", "traces"), ("encoding", "otlp_proto"), ("data", ""));
        await AddAsync(database, key, ("v", "1"), ("id", "5"), ("signal", "traces"), ("encoding", "otlp_json"), ("data", "{"));
        await AddAsync(
            database, key, ("v", "1"), ("id", "6"), ("signal", "traces"), ("encoding", "otlp_json"), ("items", "1"), ("data", """{"zz\ud83d":1}"""));
        await using var writer = await CollectorProcess.StartAsync(Writer(redis));
        await using var reader = await CollectorProcess.StartAsync(Reader(redis, "claim_min_idle: 200ms\n    max_deliveries: 3"));
        using var load = new TransferLoad(writer.HttpEndpoint);
        await load.SendSpansAsync();
        await WaitForAsync([reader], r => r.Spans.Count >= 20);

        await UntilAsync(
            async () => await database.StreamLengthAsync(key + ":dead") == 6,
            () => $"dead: {string.Join(' ', database.StreamRange(key + ":dead").Select(e => $"{e["id"]}={e["dead_reason"]}"))}\n{reader.Output}");
        var dead = (await database.StreamRangeAsync(key + ":dead")).ToDictionary(e => (string)e["id"]!, e => e);
        Assert.Equal("max_deliveries", dead["1"]["dead_reason"]);
        Assert.Equal("malformed", dead["2"]["dead_reason"]);
        Assert.Equal("flat_encoding", dead["3"]["dead_reason"]);
        Assert.Equal("unsupported_version", dead["4"]["dead_reason"]);
        Assert.Equal("malformed", dead["5"]["dead_reason"]);
        Assert.Equal("malformed", dead["6"]["dead_reason"]);
        Assert.Equal(("poison", key), ((string)dead["1"]["data"]!, (string)dead["1"]["dead_stream"]!));
        await UntilAsync(async () => await PendingAsync(redis) == 0);
    }

    /// <summary>Entries that are read and not acknowledged; -1 where there is no group yet.</summary>
    private static async Task<int> PendingAsync(RedisUnderTest redis)
    {
        try
        {
            return (await redis.Database.StreamPendingAsync(redis.KeysOf("traces", 1)[0], RedisUnderTest.Group)).PendingMessageCount;
        }
        catch (RedisServerException)
        {
            return -1;
        }
    }

    // Accepts what the next collector has accepted, and nothing before.
    private static string Forward(int port) => $$"""
          otlp_http:
            endpoint: "http://127.0.0.1:{{port}}"
            retry_on_failure: {enabled: false}
            sending_queue: {enabled: false}
        """;

    private static Task<RedisValue> AddAsync(IDatabase database, string key, params (string Name, string Value)[] fields) =>
        database.StreamAddAsync(key, [.. fields.Select(f => new NameValueEntry(f.Name, f.Value))], default(StreamAddOptions));

    private static async Task WaitForAsync(CollectorProcess[] readers, Func<ReceivedTelemetry, bool> condition) => await UntilAsync(
        () => Task.FromResult(condition(ReceivedTelemetry.Read([.. readers.Select(r => r.PathOf(TestConfigs.OutputFile))]))),
        () => $"What is waited for does not arrive. The readers printed:\n{string.Join('\n', readers.Select(r => r.Output))}");

    private static Task UntilAsync(Func<Task<bool>> condition, Func<string>? message = null) => Until.TrueAsync(condition, problem: message);

    private static string Writer(RedisUnderTest redis, string settings = "") => $$"""
        exporters:
          redis_streams:
            {{redis.Connection}}
            stream: "{{redis.Stream}}"
            {{settings}}
        {{Pipelines("[otlp]", "redis_streams")}}
        """;

    private static string Reader(RedisUnderTest redis, string settings, string? exporter = null, string name = "file") => $$"""
          redis_streams:
            {{redis.Connection}}
            streams: "{{redis.Stream}}"
            group: {{RedisUnderTest.Group}}
            {{settings}}
        exporters:
        {{exporter ?? $"  file: {{path: {TestConfigs.OutputFile}, append: true, flush_interval: 50ms}}"}}
        {{Pipelines("[otlp, redis_streams]", name)}}
        """;

    private static string Pipelines(string receivers, string exporter) => $$"""
        service:
          telemetry: {metrics: {level: none} }
          pipelines:
            traces: {receivers: {{receivers}}, exporters: [{{exporter}}]}
            metrics: {receivers: {{receivers}}, exporters: [{{exporter}}]}
            logs: {receivers: {{receivers}}, exporters: [{{exporter}}]}
        """;
}
