using System.Linq;
using System.Text.Json;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>The official SDK for JavaScript, unchanged, delivers all three signals with their values.</summary>
public sealed class JavaScriptSdkTests
{
    private static readonly string SourceFolder = Path.Combine(RepositoryRoot.Path, "tests", "TelemetryPipeline.IntegrationTests", "JavaScript");

    [Theory]
    [InlineData("json")]
    [InlineData("protobuf")]
    public async Task AllSignals_FromSdk_ArriveWithTheirValues(string encoding)
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(SourceFolder, "node_modules")),
            $"the JavaScript SDK is not there; npm ci --prefix {Path.GetRelativePath(RepositoryRoot.Path, SourceFolder)} fetches it");
        await using var collector = await CollectorProcess.StartAsync(TestConfigs.ToFile());
        string output;
        await using (var node = new ChildProcess(
            "node", ["emit.mjs", encoding, collector.HttpEndpoint.ToString().TrimEnd('/')], workingDirectory: SourceFolder))
        {
            var code = await node.WaitForExitAsync();
            output = node.Output;
            Assert.True(code == 0, $"emit.mjs ended with {code}:\n{output}\ncollector:\n{collector.Output}");
        }

        Assert.Equal(0, await collector.StopAsync());
        using var sent = JsonDocument.Parse(output.Split('\n').First(line => line.StartsWith('{')));
        var received = ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile));
        CheckSpans(received, sent.RootElement);
        CheckPoints(received);
        CheckLogs(received, sent.RootElement);
    }

    private static void CheckSpans(ReceivedTelemetry received, JsonElement sent)
    {
        Assert.Equal(2, received.Spans.Count);
        Assert.All(received.Spans, s => Assert.Equal(sent.GetProperty("traceId").GetString(), s["traceId"]));
        Assert.All(received.Spans, s => Assert.Equal("mobile-app", s.Service));
        var root = Assert.Single(received.Spans, s => s["spanId"] == sent.GetProperty("rootId").GetString());
        Assert.Equal("3", root["kind"]);
        Assert.Equal(12_345_678, root.Integer("amount"));
        Assert.Equal(7.25, root.Attribute("rate").GetProperty("doubleValue").GetDouble());
        Assert.True(root.Attribute("first").GetProperty("boolValue").GetBoolean());
        var steps = root.Attribute("steps").GetProperty("arrayValue").GetProperty("values").EnumerateArray();
        Assert.Equal(["risk", "ledger"], steps.Select(v => v.GetProperty("stringValue").GetString()));
        var inner = Assert.Single(received.Spans, s => s["spanId"] == sent.GetProperty("innerId").GetString());
        Assert.Equal(root["spanId"], inner["parentSpanId"]);
        Assert.Equal("ERR_INSUFFICIENT_BALANCE", inner.Text("code"));
        Assert.Equal("2", inner.Json.GetProperty("status").GetProperty("code").ToString());
        Assert.Equal("exception", Assert.Single(ReceivedTelemetry.List(inner.Json, "events")).GetProperty("name").GetString());
    }

    private static void CheckPoints(ReceivedTelemetry received)
    {
        var sum = Assert.Single(received.Points, p => p.Metric == "transfers");
        Assert.Equal("42", sum["asDouble"] + sum["asInt"]); // the SDK's choice differs between its versions
        Assert.Equal("nucc", sum.Text("channel"));
        var histogram = Assert.Single(received.Points, p => p.Metric == "latency");
        Assert.Equal(["0", "1", "0"], ReceivedTelemetry.List(histogram.Json, "bucketCounts").Select(c => c.ToString()));
    }

    private static void CheckLogs(ReceivedTelemetry received, JsonElement sent)
    {
        var record = Assert.Single(received.Logs);
        Assert.Equal("balance too low: \u4f59\u989d\u4e0d\u8db3", record.Json.GetProperty("body").GetProperty("stringValue").GetString());
        Assert.Equal("13", record["severityNumber"]);
        Assert.Equal(sent.GetProperty("traceId").GetString(), record["traceId"]);
        Assert.Equal(sent.GetProperty("innerId").GetString(), record["spanId"]);
    }
}
