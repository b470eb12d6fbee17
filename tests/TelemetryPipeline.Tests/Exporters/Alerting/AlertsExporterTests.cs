using System.Globalization;
using System.Linq;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.Tests.Exporters.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Alerting;

public sealed class AlertsExporterTests : IAsyncLifetime
{
    private ScriptedServer _server = null!;

    private string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_server.Port}");

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync(HttpProtocols.Http1);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Alertmanager_FiringRepeatedAndResolved_PostsWhatItsApiTakes()
    {
        await using var run = await AlertsRun.StartAsync(
            $"{{alertmanager: [{{name: am, url: '{Address}/base/', labels: {{cluster: north, service: not-this}}, bearer_token: t0ken-abc, "
            + "annotations: {runbook: 'https://runbooks/{{rule_id}}', diagram: ''}, generator_url: 'https://traces/{{trace_id}}'}]}");
        await run.TakeInAsync(new AttributionRecord(1), new AttributionRecord(2));

        var bodies = await run.AdvanceUntilAsync(_server, 6);

        var request = _server.Requests.First();
        Assert.Equal(("/base/api/v2/alerts", "Bearer t0ken-abc"), (request.Path, request.Headers["authorization"]));
        var alert = Assert.Single(bodies[0].EnumerateArray());
        Assert.Equal(
            "{\"alertname\":\"insufficient_balance\",\"category\":\"funding\",\"code\":\"ERR_INSUFFICIENT_BALANCE\",\"priority\":\"P0\","
            + "\"root_cause\":\"account_balance_insufficient\",\"service\":\"balance-ledger\",\"tenant\":\"bank-a\",\"cluster\":\"north\"}",
            alert.GetProperty("labels").GetRawText());
        var annotations = alert.GetProperty("annotations");
        Assert.Equal("2", annotations.GetProperty("count").GetString());
        Assert.Equal("https://runbooks/insufficient_balance", annotations.GetProperty("runbook").GetString());
        Assert.False(annotations.TryGetProperty("diagram", out _));
        Assert.Equal("2026-01-31T08:00:00.000Z", alert.GetProperty("startsAt").GetString());
        Assert.Equal("https://traces/00000000000000000000000000001002", alert.GetProperty("generatorURL").GetString());

        // Told again every minute, each time with an end four minutes away; and at last with the end itself.
        var ends = bodies.Select(static b => b[0].GetProperty("endsAt").GetDateTimeOffset()).ToArray();
        Assert.Equal([60, 60, 60, 60], ends.Take(5).Zip(ends.Skip(1), static (a, b) => (b - a).TotalSeconds).Take(4));
        Assert.Equal(run.Time.GetUtcNow(), ends[^1]);
        Assert.Equal(TimeSpan.FromSeconds(300), ends[^1] - alert.GetProperty("startsAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Webhook_DefaultBody_IsWhatTheReadmeSays()
    {
        await using var run = await AlertsRun.StartAsync(
            $"{{webhook: [{{name: hook, url: '{Address}/in?token=abc', basic_auth: {{username: u, password: p}}, headers: {{x-team: funds}}}}]}}");
        await run.TakeInAsync(new AttributionRecord(1).With("anomaly.impact.amount", 700).With("anomaly.impact.currency", "CNY"));

        var body = (await run.AdvanceUntilAsync(_server, 1))[0];

        Assert.Equal("Basic dTpw", _server.Last.Headers["authorization"]);
        Assert.Equal(("application/json", "funds"), (_server.Last.Headers["content-type"], _server.Last.Headers["x-team"]));
        Assert.Equal(("firing", "hook", 1), (body.GetProperty("status").GetString(), body.GetProperty("receiver").GetString(), body.GetProperty("count").GetInt32()));
        Assert.Equal("insufficient_balance", body.GetProperty("labels").GetProperty("alertname").GetString());
        Assert.Equal(700, body.GetProperty("impact").GetProperty("amounts").GetProperty("CNY").GetInt32());
        Assert.Equal(3, body.GetProperty("chain").GetArrayLength());
        Assert.StartsWith("sequenceDiagram", body.GetProperty("diagram").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WeCom_ManyAlerts_StaysWithinTwentyMessagesAMinuteAndTellsAll()
    {
        _server.Answer = static context => context.Response.WriteAsync("""{"errcode":0,"errmsg":"ok"}""");
        await using var run = await AlertsRun.StartAsync(
            $"{{group_wait: 1s, wecom: [{{name: robot, url: '{Address}/send?key=k', send_resolved: false}}], max_groups: 2000}}");
        var arrivals = new List<DateTimeOffset>();
        for (var i = 1; i <= 300; i++)
        {
            await run.TakeInAsync(new AttributionRecord(i).With("tenant.id", $"bank-{i}"));
        }

        for (var seconds = 0; run.Harness.Count("otelcol_exporter_alerts_notifications") < 300; seconds++)
        {
            Assert.True(seconds < 280, "not all alerts were told");
            await run.TickAsync();
            while (arrivals.Count < _server.Requests.Count)
            {
                arrivals.Add(run.Time.GetUtcNow());
            }
        }

        Assert.True(arrivals.Count >= 20);
        Assert.All(arrivals.Skip(20).Zip(arrivals), static pair => Assert.True(pair.First - pair.Second >= TimeSpan.FromSeconds(60)));
        Assert.All(AlertsRun.Bodies(_server), static b => Assert.InRange(
            Encoding.UTF8.GetByteCount(b.GetProperty("markdown").GetProperty("content").GetString()!), 1, 4096));
    }

    [Theory]
    [InlineData("""{"errcode":45009,"errmsg":"api freq out of limit"}""", "too_many_requests", true)]
    [InlineData("""{"errcode":-1,"errmsg":"system busy"}""", "unavailable", true)]
    [InlineData("""{"errcode":93000,"errmsg":"invalid webhook url"}""", "unauthenticated", false)]
    [InlineData("""{"errcode":40058,"errmsg":"content exceed max length"}""", "refused", false)]
    [InlineData("<html>", "invalid_response", false)]
    [InlineData("", "invalid_response", false)]
    public async Task WeCom_ErrorsInSuccessfulAnswers_AreSeen(string answer, string reason, bool isRetried)
    {
        _server.Answer = context => context.Response.WriteAsync(answer);
        await using var run = await AlertsRun.StartAsync($"{{wecom: [{{name: robot, url: '{Address}/send?key=k'}}]}}");
        await run.TakeInAsync(new AttributionRecord(1));
        await run.AdvanceUntilAsync(_server, 1);
        var metric = isRetried ? "notification_retries" : "notification_failures";
        await Until.TrueAsync(() => Labelled(run, metric, reason) == 1);
    }

    [Fact]
    public async Task Receiver_AnswersTooManyRequests_IsLeftAloneAsLongAsItAsks()
    {
        _server.Answer = static context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "90";
            return Task.CompletedTask;
        };
        await using var run = await AlertsRun.StartAsync($"{{webhook: [{{name: hook, url: '{Address}'}}]}}");
        await run.TakeInAsync(new AttributionRecord(1));
        await run.AdvanceUntilAsync(_server, 1);
        await Until.TrueAsync(() => Labelled(run, "notification_retries", "too_many_requests") == 1);
        _server.Answer = static _ => Task.CompletedTask;
        var before = run.Time.GetUtcNow();
        await run.AdvanceUntilAsync(_server, 2);
        Assert.Equal(90, (run.Time.GetUtcNow() - before).TotalSeconds);
        await Until.TrueAsync(() => run.Harness.Count("otelcol_exporter_alerts_notifications") == 1);
    }

    [Theory]
    [InlineData(500, "internal", true)]
    [InlineData(503, "unavailable", true)]
    [InlineData(400, "bad_request", false)]
    [InlineData(401, "unauthenticated", false)]
    [InlineData(404, "not_found", false)]
    [InlineData(302, "redirect", false)]
    public async Task Receiver_Fails_IsRetriedOrCountedByReason(int status, string reason, bool isRetried)
    {
        _server.Answer = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("the key SECRETKEY99 is not right");
        };
        await using var run = await AlertsRun.StartAsync($"{{webhook: [{{name: hook, url: '{Address}/send?key=SECRETKEY99'}}]}}");
        await run.TakeInAsync(new AttributionRecord(1));
        await run.AdvanceUntilAsync(_server, 1);
        await Until.TrueAsync(() => Labelled(run, isRetried ? "notification_retries" : "notification_failures", reason) == 1);
        if (isRetried)
        {
            _server.Answer = static _ => Task.CompletedTask;
            await run.AdvanceUntilAsync(_server, 2, secondsMax: 5);
            await Until.TrueAsync(() => run.Harness.Count("otelcol_exporter_alerts_notifications") == 1);
        }

        Assert.Contains(run.Harness.Logs, static l => l.Contains("[REDACTED]", StringComparison.Ordinal));
        Assert.DoesNotContain(run.Harness.Logs, static l => l.Contains("SECRETKEY99", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Receiver_AwayAndBack_IsToldOnceOfEverything()
    {
        var port = _server.Port;
        await _server.DisposeAsync();
        await using var run = await AlertsRun.StartAsync($"{{alertmanager: [{{name: am, url: '{Address}'}}]}}");
        for (var i = 1; i <= 50; i++)
        {
            await run.TakeInAsync(new AttributionRecord(i));
        }

        for (var i = 0; i < 900; i++)
        {
            await run.TickAsync();
        }

        await Until.TrueAsync(() => Labelled(run, "notification_retries", "connection_refused") > 0);
        _server = await ScriptedServer.StartAsync(HttpProtocols.Http1, port: port);
        var bodies = await run.AdvanceUntilAsync(_server, 2, secondsMax: 120);
        Assert.Equal("50", bodies[0][0].GetProperty("annotations").GetProperty("count").GetString());
        Assert.True(bodies[1][0].GetProperty("endsAt").GetDateTimeOffset() <= run.Time.GetUtcNow());
    }

    [Fact]
    public async Task Receiver_Slow_TimesOutAndHoldsUpNobodyElse()
    {
        var gate = new TaskCompletionSource();
        _server.Answer = context => context.Request.Path == "/slow" ? gate.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask;
        await using var run = await AlertsRun.StartAsync(
            $"{{timeout: 7s, webhook: [{{name: slow, url: '{Address}/slow'}}, {{name: fast, url: '{Address}/fast'}}]}}");
        await run.TakeInAsync(new AttributionRecord(1));
        run.Time.Advance(TimeSpan.FromSeconds(10));
        await Until.TrueAsync(() => _server.Requests.Count == 2 && run.Harness.Count("otelcol_exporter_alerts_notifications") == 1);
        run.Time.Advance(TimeSpan.FromSeconds(7));
        await Until.TrueAsync(() => Labelled(run, "notification_retries", "timeout") == 1);
        await run.AdvanceUntilAsync(_server, 3, secondsMax: 3);
        gate.SetResult();
        await Until.TrueAsync(() => run.Harness.Count("otelcol_exporter_alerts_notifications") == 2);
    }

    [Fact]
    public async Task Alertmanager_RefusesOneOfSeveral_IsToldTheOthers()
    {
        _server.Answer = context =>
        {
            context.Response.StatusCode = AlertsRun.Text(_server.Last.Body).Contains("bank-bad", StringComparison.Ordinal) ? 400 : 200;
            return Task.CompletedTask;
        };
        await using var run = await AlertsRun.StartAsync($"{{alertmanager: [{{name: am, url: '{Address}'}}]}}");
        await run.TakeInAsync(new AttributionRecord(1), new AttributionRecord(2).With("tenant.id", "bank-bad"), new AttributionRecord(3).With("tenant.id", "bank-c"));
        await run.AdvanceUntilAsync(_server, 4);
        await Until.TrueAsync(() => run.Harness.Count("otelcol_exporter_alerts_notifications") == 2
            && Labelled(run, "notification_failures", "bad_request") == 1);
    }

    [Fact]
    public async Task SecretFile_MissingAtTheStart_SaysSo()
    {
        var missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString());
        var failure = await Assert.ThrowsAsync<ComponentStartException>(
            () => AlertsRun.StartAsync($"{{webhook: [{{name: hook, url_file: '{missing}'}}]}}"));
        Assert.StartsWith($"receiver hook: cannot read {missing}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretFile_ChangedAndThenGone_UsesTheNewestItKnew()
    {
        var folder = Directory.CreateTempSubdirectory("alerts-");
        var file = Path.Combine(folder.FullName, "token");
        await File.WriteAllTextAsync(file, "first-token\n", TestContext.Current.CancellationToken);
        await using var run = await AlertsRun.StartAsync($"{{repeat_interval: 1m, resolve_timeout: 1h, webhook: [{{name: hook, url: '{Address}', bearer_token_file: '{file}'}}]}}");
        await run.TakeInAsync(new AttributionRecord(1));
        await run.AdvanceUntilAsync(_server, 1);
        Assert.Equal("Bearer first-token", _server.Last.Headers["authorization"]);
        await File.WriteAllTextAsync(file, "second-token\n", TestContext.Current.CancellationToken);
        await run.AdvanceUntilAsync(_server, 2);
        Assert.Equal("Bearer second-token", _server.Last.Headers["authorization"]);
        folder.Delete(recursive: true);
        await run.AdvanceUntilAsync(_server, 3);
        Assert.Equal("Bearer second-token", _server.Last.Headers["authorization"]);
        Assert.True(run.Harness.Count("otelcol_exporter_alerts_secret_read_failures") >= 1);
        Assert.DoesNotContain(run.Harness.Logs, static l => l.Contains("-token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_BeforeTheGroupWait_TellsAtOnce()
    {
        await using var run = await AlertsRun.StartAsync($"{{group_wait: 1m, webhook: [{{name: hook, url: '{Address}'}}]}}");
        await run.OfferAsync(new AttributionRecord(1));
        await run.Exporter.StopAsync(CancellationToken.None);
        Assert.Equal("firing", Assert.Single(AlertsRun.Bodies(_server)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Stop_ReceiverAway_CountsWhatIsLost()
    {
        await _server.DisposeAsync();
        await using var run = await AlertsRun.StartAsync($"{{webhook: [{{name: hook, url: '{Address}'}}]}}");
        await run.TakeInAsync(new AttributionRecord(1), new AttributionRecord(2));
        using var limit = new CancellationTokenSource();
        var stop = run.Exporter.StopAsync(limit.Token);
        await Until.TrueAsync(() => run.Harness.Count("otelcol_exporter_alerts_notification_retries") > 0);
        await limit.CancelAsync();
        await stop;
        Assert.Equal(2, run.Harness.Count("otelcol_exporter_alerts_lost_events"));
        Assert.Contains(run.Harness.Logs, static l => l.Contains("2 events in 1 alerts not delivered to every receiver", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Consume_OtherLogRecords_AreRejectedAndEventsBesideThemTold()
    {
        await using var run = await AlertsRun.StartAsync($"{{sending_queue: {{enabled: false}}, group_wait: 0s, webhook: [{{name: hook, url: '{Address}'}}]}}");
        var result = await run.OfferAsync(new AttributionRecord(1), new AttributionRecord(2).Named("something.else"));
        Assert.Equal((ConsumeOutcome.Rejected, "not_an_event", 1), (result.Outcome, result.Reason, result.RejectedCount));
        Assert.Single(_server.Requests);
    }

    private static long Labelled(AlertsRun run, string metric, string label)
    {
        long sum = 0;
        foreach (var family in run.Harness.Metrics.Families)
        {
            foreach (var (labels, value) in family.Series)
            {
                sum += family.Name == "otelcol_exporter_alerts_" + metric && labels.Contains($"\"{label}\"", StringComparison.Ordinal)
                    && value is TelemetryPipeline.Pipeline.Diagnostics.Counter counter ? counter.Value : 0;
            }
        }

        return sum;
    }
}
