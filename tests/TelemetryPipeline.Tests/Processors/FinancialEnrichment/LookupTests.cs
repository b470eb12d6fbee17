using System.Collections.Concurrent;
using System.Text;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.Processors.FinancialEnrichment.Lookups;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

public sealed class LookupTests : IDisposable
{
    private const string Redis = "redis: {endpoints: [\"127.0.0.1:1\"], hash: accounts}";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lookups-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("t.csv", "A1,PBOC-00123-20240521-00001\nA2,\"x, \"\"y\"\"\"\r\n", "")]
    [InlineData("t.csv", "note,value,key\n,PBOC-00123-20240521-00001,A1\nn,\"x, \"\"y\"\"\",A2", ", key_column: key, value_column: value")]
    [InlineData("t.json", """{"A1": "PBOC-00123-20240521-00001", "A2": "x, \"y\""}""", "")]
    public async Task Consume_ValueInFile_IsSet(string name, string content, string columns)
    {
        var yaml = Lookup($"file: {{path: \"{File(name, content)}\"{columns}}}");

        Assert.Equal("PBOC-00123-20240521-00001", (await EnrichmentRun.EnrichAsync(Order("A1"), yaml)).Text("biz.reserve_account"));
        Assert.Equal("x, \"y\"", (await EnrichmentRun.EnrichAsync(Order("A2"), yaml)).Text("biz.reserve_account"));
        Assert.Null((await EnrichmentRun.EnrichAsync(Order("A3"), yaml)).Get("biz.reserve_account"));
    }

    [Theory]
    [InlineData("{\"zz\\ud83d\": \"other\", \"A1\": \"value\\ud83d\"}")]
    [InlineData("{\"zz\u00ff\": \"other\", \"A1\": \"value\u00ff\"}")]
    public async Task Consume_FileWithTextThatIsNotUnicode_ReplacesThatPart(string latin)
    {
        var path = Path.Combine(_folder.FullName, "t.json");
        System.IO.File.WriteAllBytes(path, Encoding.Latin1.GetBytes(latin));

        Assert.Equal("value\uFFFD", (await EnrichmentRun.EnrichAsync(Order("A1"), Lookup($"file: {{path: \"{path}\"}}"))).Text("biz.reserve_account"));
    }

    [Fact]
    public async Task Consume_FileChanges_IsTakenOver()
    {
        var harness = new ProcessorHarness();
        await using var run = await EnrichmentRun.StartAsync(Lookup($"file: {{path: \"{File("t.csv", "A1,old")}\"}}"), harness);
        Assert.Equal("old", await SendAsync(run, "A1"));
        File("t.csv", "A1,new");
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("new", await SendAsync(run, "A1"));
        Assert.Equal(2, harness.Metric("otelcol_processor_financial_enrichment_lookups", "answer=\"found\""));
    }

    [Theory]
    [InlineData("t.csv", "A1", "row 1 has 1 columns, 2 are needed")]
    [InlineData("t.json", "[1]", "it must hold one object of keys and values")]
    [InlineData("t.json", """{"a": {}}""", "the value of \"a\" must be a text, a number or a boolean")]
    [InlineData("t.json", "{", "it is not valid JSON")]
    public async Task StartAsync_WrongFile_SaysWhichAndWhy(string name, string content, string problem)
    {
        var file = File(name, content);
        var error = await Assert.ThrowsAsync<ComponentStartException>(() => EnrichmentRun.StartAsync(Lookup($"file: {{path: \"{file}\"}}")));
        Assert.StartsWith($"cannot use {file}: {problem}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consume_UnknownValue_IsForwardedAndKnownTheNextTime()
    {
        var source = new FakeSource { ["A1"] = "PBOC-00123-20240521-00001" };
        await using var run = await StartAsync(source, "");

        Assert.Null(await SendAsync(run, "A1"));
        source.Open.SetResult();
        await FetchedAsync(run, 1);

        Assert.Equal("PBOC-00123-20240521-00001", await SendAsync(run, "A1"));
        Assert.Equal(1, run.Harness.Metric("otelcol_processor_financial_enrichment_lookups", "answer=\"unknown\""));
    }

    [Fact]
    public async Task Consume_KeyWithoutValue_IsAskedForOnceUntilItsTimeIsUp()
    {
        var source = new FakeSource();
        source.Open.SetResult();
        await using var run = await StartAsync(source, ", miss_ttl: 30s");
        await SendAsync(run, "A1");
        await FetchedAsync(run, 1);
        for (var i = 0; i < 10; i++)
        {
            await SendAsync(run, "A1");
        }

        Assert.Equal(1, source.FetchedKeys);
        source["A1"] = "late";
        run.Harness.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Null(await SendAsync(run, "A1"));
        await Until.TrueAsync(async () => await SendAsync(run, "A1") == "late");
    }

    [Fact]
    public async Task Consume_ServerDown_SpansGoOnWithWhatIsKnownAndFailuresAreCounted()
    {
        var source = new FakeSource { ["A1"] = "value" };
        source.Open.SetResult();
        await using var run = await StartAsync(source, ", ttl: 1m");
        await SendAsync(run, "A1");
        await FetchedAsync(run, 1);
        source.IsDown = true;
        run.Harness.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("value", await SendAsync(run, "A1"));
        Assert.Null(await SendAsync(run, "A2"));
        await Until.TrueAsync(() => Task.FromResult(run.Harness.Metric("otelcol_processor_financial_enrichment_lookup_failures") >= 1));
        Assert.Equal(3, run.Next.Items);

        // Back again, after a pause.
        source.IsDown = false;
        source["A2"] = "two";
        await Until.TrueAsync(async () =>
        {
            run.Harness.Time.Advance(TimeSpan.FromSeconds(1));
            return await SendAsync(run, "A2") == "two";
        });
    }

    // Scenario: the source throws what no server's failure is.
    // Guarantees: it is counted, and the keys that were in hand are fetched when the next span needs them.
    [Fact]
    public async Task Consume_SourceThrowsUnexpectedly_KeysAreFetchedAgainAfterTheBackoff()
    {
        var source = new FakeSource { ["A1"] = "value", Bug = new InvalidOperationException("a bug in the client") };
        source.Open.SetResult();
        await using var run = await StartAsync(source, "");
        Assert.Null(await SendAsync(run, "A1"));
        await Until.TrueAsync(() => Task.FromResult(run.Harness.Metric("otelcol_background_failures", "loop=\"lookup\"") == 1));

        source.Bug = null;
        await Until.TrueAsync(async () =>
        {
            run.Harness.Time.Advance(TimeSpan.FromMilliseconds(100));
            return await SendAsync(run, "A1") == "value";
        });
    }

    [Fact]
    public async Task Consume_Hold_WaitsForTheValue()
    {
        var source = new FakeSource { ["A1"] = "value" };
        await using var run = await StartAsync(source, ", unknown: hold, hold_time: 1h");
        var sent = SendAsync(run, "A1");
        await source.AskedAsync();
        Assert.False(sent.IsCompleted);
        source.Open.SetResult();
        Assert.Equal("value", await sent);
    }

    [Fact]
    public async Task Consume_HoldAndNoAnswer_GoesOnWhenTimeIsUp()
    {
        var source = new FakeSource();
        await using var run = await StartAsync(source, ", unknown: hold, hold_time: 200ms");
        var sent = SendAsync(run, "A1");
        await source.AskedAsync();
        Assert.False(sent.IsCompleted);
        await Until.TrueAsync(() =>
        {
            run.Harness.Time.Advance(TimeSpan.FromMilliseconds(250));
            return Task.FromResult(sent.IsCompleted);
        });
        Assert.Null(await sent);
        Assert.Equal(1, run.Next.Items);
    }

    [Fact]
    public async Task Consume_MoreKeysThanTheCacheHolds_StaysBounded()
    {
        var source = new FakeSource();
        source.Open.SetResult();
        await using var run = await StartAsync(source, ", cache_size: 10");
        for (var i = 0; i < 100; i++)
        {
            await SendAsync(run, $"B{i}");
        }

        await Until.TrueAsync(() => Task.FromResult(source.FetchedKeys == 100));
        await Until.TrueAsync(() => Task.FromResult(Remembered(run) == 10));
    }

    [Theory]
    [InlineData("{to: a, from: b}", "must have exactly one of \"file\" and \"redis\"")]
    [InlineData("{to: a, from: b, file: {path: x.txt}}", "file::path: must end in .csv or .json, got \"x.txt\"")]
    [InlineData("{to: a, from: b, file: {path: x.csv}, ttl: 1s}", "ttl: is not used with \"file\"")]
    [InlineData("{to: a, from: b, redis: {hash: h}}", "redis::endpoint: must be set, or endpoints")]
    [InlineData("{to: a, from: b, redis: {endpoints: x, hash: h, field: f}}", "redis::field: must contain {key} where \"hash\" does not, got \"f\"")]
    [InlineData("{from: b, file: {path: x.csv}}", "to: must be set")]
    public void Rejects_WrongSettings(string entry, string problem)
    {
        var (_, errors) = ProcessorHarness.Read(new FinancialEnrichmentFactory(), EnrichmentRun.Yaml($"lookups: [{entry}]"));
        Assert.Contains(errors, e => e.ToString().Contains($"lookups::0{(problem.StartsWith("must", StringComparison.Ordinal) ? ": " : "::")}{problem}", StringComparison.Ordinal));
    }

    private static Span Order(string order) => new SpanBuilder("x").With("order_no", order).Build();

    private static string Lookup(string source) => $"lookups: [{{to: biz.reserve_account, from: biz.order_no, {source}}}]";

    private static async Task<string?> SendAsync(EnrichmentRun run, string order) =>
        (await run.SendAsync(EnrichmentRun.Request(Order(order)))).ResourceSpans[0].ScopeSpans[0].Spans[0].Text("biz.reserve_account");

    private static Task<EnrichmentRun> StartAsync(FakeSource source, string settings) =>
        EnrichmentRun.StartAsync(Lookup(Redis + settings), factory: new FinancialEnrichmentFactory { RedisSources = (_, _) => source });

    private static double Remembered(EnrichmentRun run) =>
        run.Harness.Metric("otelcol_processor_financial_enrichment_lookup_entries");

    private static Task FetchedAsync(EnrichmentRun run, int count) => Until.TrueAsync(() => Remembered(run) >= count);

    private string File(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A server in memory: answers once it is open, and fails while it is down.</summary>
    private sealed class FakeSource : ILookupSource
    {
        private readonly ConcurrentDictionary<string, string> _values = new(StringComparer.Ordinal);
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _fetchedKeys;

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsDown { get; set; }

        public Exception? Bug { get; set; }

        public int FetchedKeys => Volatile.Read(ref _fetchedKeys);

        public string this[string key]
        {
            set => _values[key] = value;
        }

        public async Task<byte[]?[]> FetchAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellation)
        {
            _asked.TrySetResult();
            await Open.Task.WaitAsync(cancellation);
            if (Bug is not null)
            {
                throw Bug;
            }

            if (IsDown)
            {
                throw new LookupFailedException("it is down.");
            }

            var values = new byte[]?[keys.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = _values.TryGetValue(Encoding.UTF8.GetString(keys[i]), out var value) ? Encoding.UTF8.GetBytes(value) : null;
            }

            Interlocked.Add(ref _fetchedKeys, keys.Count);
            return values;
        }

        public Task AskedAsync() => _asked.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
