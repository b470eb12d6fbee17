using System.Linq;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using StackExchange.Redis;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>Enrichment in a whole collector: what it writes out, and what it does with a real Redis.</summary>
public sealed class EnrichmentTests
{
    // Made for tests: the check digits are right, the numbers belong to nobody.
    private static readonly string[] SensitiveValues =
        ["11010519491231002X", "6222021234567890128", "4111 1111 1111 1111", "13912345678", "CUST-000815"];

    [Fact]
    public async Task PersonalData_AnywhereInASpan_IsNotInTheOutput()
    {
        await using var collector = await CollectorProcess.StartAsync(
            TestConfigs.ToFile("[financial_enrichment, batch]", "  financial_enrichment:\n  batch:\n"));
        foreach (var clear in SensitiveValues)
        {
            var span = new SpanBuilder($"transfer {clear}").With("http.request.header.x-biz-cust-id", clear)
                .With("note", $"for {clear}.").Failed($"{clear} was refused").Build();
            span.Events.Add(new Span.Types.Event { Name = "exception", Attributes = { Pair("exception.message", $"no {clear}") } });
            span.Links.Add(new Span.Types.Link { Attributes = { Pair("of", clear) } });
            await SendAsync(collector, span, clear.StartsWith("CUST", StringComparison.Ordinal) ? "x" : clear);
        }

        Assert.Equal(0, await collector.StopAsync());
        var output = await File.ReadAllTextAsync(collector.PathOf(TestConfigs.OutputFile), TestContext.Current.CancellationToken);
        Assert.All(SensitiveValues, clear => Assert.DoesNotContain(clear, output, StringComparison.Ordinal));
        Assert.Equal(SensitiveValues.Length, ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile)).Spans.Count);
        Assert.Contains("No salt configured", collector.Output, StringComparison.Ordinal);
    }

    // Scenario: values are in Redis; then it goes away, and comes back with others.
    // Guarantees: values are there while Redis is, and no span is lost or kept long while it is not.
    [Fact]
    public async Task Lookup_InRedis_SetsValuesAndLosesNoSpanWhenItIsDown()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        var port = FreePorts.Take(1)[0];
        await using var collector = await CollectorProcess.StartAsync(TestConfigs.ToFile("[financial_enrichment]", $$"""
              financial_enrichment:
                lookups:
                  - to: biz.reserve_account
                    from: biz.order_no
                    redis: {endpoints: ["127.0.0.1:{{port}}"], hash: "order:{key}", field: account}
                    unknown: hold
                    hold_time: 20s
            """));
        await using (var redis = await RedisServer.StartAsync(port))
        {
            await PutAsync(port, 1);
            await SendAsync(collector, Order(1), "x");
        }

        // Known already, though nobody is there to ask.
        await SendAsync(collector, Order(1), "x");
        var unknown = SendAsync(collector, Order(2), "x");
        await using (var redis = await RedisServer.StartAsync(port))
        {
            await PutAsync(port, 2);
            await unknown;
        }

        Assert.Equal(0, await collector.StopAsync());
        var spans = ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile)).Spans;
        Assert.Equal(["PBOC-00001-20240521-00001", "PBOC-00001-20240521-00001"], spans.Where(s => s.Text("biz.order_no").EndsWith('1')).Select(s => s.Text("biz.reserve_account")));
        Assert.Single(spans, s => s.Text("biz.order_no").EndsWith('2'));
    }

    private static Span Order(int number) => new SpanBuilder("x").With("biz.order_no", $"TRD20240521{number:D9}").Build();

    private static async Task PutAsync(int port, int number)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port}");
        await client.GetDatabase().HashSetAsync($"order:TRD20240521{number:D9}", "account", $"PBOC-{number:D5}-20240521-00001");
    }

    private static async Task SendAsync(CollectorProcess collector, Span span, string owner)
    {
        var request = new ExportTraceServiceRequest
        {
            ResourceSpans =
            {
                new ResourceSpans
                {
                    Resource = new Resource { Attributes = { Pair("host.owner", owner) } },
                    ScopeSpans = { new ScopeSpans { Scope = new InstrumentationScope { Name = owner }, Spans = { span } } },
                },
            },
        };
        using var client = new HttpClient();
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new("application/x-protobuf");
        using var answer = await client.PostAsync(new Uri(collector.HttpEndpoint, "v1/traces"), content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
