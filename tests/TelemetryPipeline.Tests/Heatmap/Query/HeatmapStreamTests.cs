using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Heatmap.Query;
using static TelemetryPipeline.Tests.Heatmap.HeatmapHarness;

namespace TelemetryPipeline.Tests.Heatmap.Query;

public sealed class HeatmapStreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_AfterAChange_SendsTheColumnsAsTheyAreNow()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 5)));
        await heatmap.PassAsync(1);
        var client = heatmap.Stream.TryOpen()!;
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 25)));
        await heatmap.PassAsync(1);
        heatmap.Stream.Publish();
        heatmap.Stream.Publish();
        heatmap.Stream.Close();

        var events = await SentAsync(client);

        Assert.Equal(["hello", "columns"], events.ConvertAll(e => e.Name));
        var column = events[1].Data.GetProperty("columns")[0];
        Assert.Equal((Now, 1, 2UL), (
            column.GetProperty("t").GetInt64(), column.GetProperty("series").GetInt32(), column.GetProperty("count").GetUInt64()));
        Assert.Equal("[[0,1],[2,1]]", column.GetProperty("cells").GetRawText());
    }

    [Fact]
    public async Task Publish_MoreSecondsThanAnEventHolds_SendsTheRestWithTheNext()
    {
        var heatmap = new HeatmapHarness();
        var client = heatmap.Stream.TryOpen()!;
        for (var second = 0; second < HeatmapStream.SecondsMax + 5; second++)
        {
            await heatmap.SendAsync(Request("risk-engine", Transfer(-second, 5)));
        }

        await heatmap.PassAsync(1);
        heatmap.Stream.Publish();
        heatmap.Stream.Publish();
        heatmap.Stream.Close();

        var events = await SentAsync(client);
        Assert.Equal(HeatmapStream.SecondsMax, events[1].Data.GetProperty("seconds").GetArrayLength());
        Assert.Equal(5, events[2].Data.GetProperty("seconds").GetArrayLength());
    }

    [Fact]
    public async Task Publish_ToAClientThatDoesNotRead_CutsItOffAndCountsIt()
    {
        var heatmap = new HeatmapHarness();
        var client = heatmap.Stream.TryOpen()!;
        for (var i = 0; i <= StreamClient.EventsMax; i++)
        {
            await heatmap.SendAsync(Request("risk-engine", Transfer(0, 5)));
            await heatmap.PassAsync(0);
            heatmap.Stream.Publish();
        }

        Assert.Equal(0, heatmap.Stream.ClientCount);
        Assert.Equal(1, heatmap.DroppedClients.Value);
        var pipe = new Pipe();
        Assert.False(await client.RunAsync(pipe.Writer, Cancellation));
    }

    [Fact]
    public void TryOpen_MoreClientsThanAllowed_RefusesThem()
    {
        var heatmap = new HeatmapHarness();
        Assert.NotNull(heatmap.Stream.TryOpen());
        var second = heatmap.Stream.TryOpen();
        Assert.Null(heatmap.Stream.TryOpen());
        Assert.Equal(503, heatmap.Ask("/api/heatmap/stream").Answer.StatusCode);

        heatmap.Stream.Leave(second!);
        Assert.NotNull(heatmap.Stream.TryOpen());
    }

    [Fact]
    public async Task Http_StreamAndCells_AreServedUntilTheStop()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.Connector.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{heatmap.Connector.QueryAddress}") };
        using var cells = await client.GetAsync(new Uri("/api/heatmap/cells", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, cells.StatusCode);
        using var live = await client.GetAsync(
            new Uri("/api/heatmap/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", live.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await live.Content.ReadAsStreamAsync(Cancellation));
        Assert.StartsWith("id: ", await reader.ReadLineAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal("event: hello", await reader.ReadLineAsync(Cancellation));
        await reader.ReadLineAsync(Cancellation);
        await reader.ReadLineAsync(Cancellation);
        await heatmap.SendAsync(Request("risk-engine", Transfer(1, 5)));
        heatmap.Advance(1);
        await reader.ReadLineAsync(Cancellation);
        Assert.Equal("event: columns", await reader.ReadLineAsync(Cancellation));

        await heatmap.Connector.StopAsync(Cancellation);
        await reader.ReadToEndAsync(Cancellation);
        Assert.Null(heatmap.Connector.QueryAddress);
    }

    [Fact]
    public async Task Http_WithTheTagOfAnAnswer_Gets304()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.Connector.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{heatmap.Connector.QueryAddress}") };
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/heatmap/cells?from={Now - 10}&to={Now}");
        using var first = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        using var conditional = new HttpRequestMessage(HttpMethod.Get, path);
        conditional.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(first.Headers.ETag!.Tag, isWeak: true));
        using var second = await client.SendAsync(conditional, Cancellation);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        await heatmap.Connector.StopAsync(Cancellation);
    }

    private static async Task<List<(string Name, JsonElement Data)>> SentAsync(StreamClient client)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        Assert.True(await client.RunAsync(pipe.Writer, Cancellation));
        await pipe.Writer.CompleteAsync();
        var read = await pipe.Reader.ReadAsync(Cancellation);
        var events = new List<(string, JsonElement)>();
        foreach (var text in Encoding.UTF8.GetString(read.Buffer).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = text.Split('\n');
            events.Add((lines[1]["event: ".Length..], JsonDocument.Parse(lines[2]["data: ".Length..]).RootElement));
        }

        return events;
    }
}
