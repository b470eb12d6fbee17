using System.Globalization;
using System.Linq;
using TelemetryPipeline.Heatmap;
using TelemetryPipeline.Heatmap.Query;
using static TelemetryPipeline.Tests.Heatmap.HeatmapHarness;

namespace TelemetryPipeline.Tests.Heatmap.Query;

public sealed class HeatmapApiTests
{
    [Fact]
    public async Task Series_WithTwoServices_ListsThemWithTheirDimensions()
    {
        var heatmap = await FilledAsync();

        var (answer, json) = heatmap.Ask("/api/heatmap/series");

        Assert.Equal(200, answer.StatusCode);
        Assert.Equal([0, 1, 2], json.GetProperty("series").EnumerateArray().Select(s => s.GetProperty("id").GetInt32()));
        var ledger = json.GetProperty("series")[1];
        Assert.Equal("balance-ledger", ledger.GetProperty("dimensions").GetProperty("service.name").GetString());
        Assert.False(ledger.GetProperty("overflow").GetBoolean());
        Assert.True(json.GetProperty("series")[0].GetProperty("overflow").GetBoolean());
        Assert.Equal((10.0, 60, 590.0), (
            json.GetProperty("bucket_ms").GetDouble(), json.GetProperty("buckets").GetInt32(), json.GetProperty("overflow_from_ms").GetDouble()));
        Assert.Equal(LatencyBuckets.TailSlotCount, json.GetProperty("tail_from_ms").GetArrayLength());
    }

    [Fact]
    public async Task Cells_OfARange_HasEachColumnWithItsCellsTailAndQuantiles()
    {
        var heatmap = await FilledAsync();

        var (_, json) = heatmap.Ask("/api/heatmap/cells", $"series=1&from={Now}&to={Now + 1}");

        var column = Assert.Single(Assert.Single(json.GetProperty("series").EnumerateArray()).GetProperty("columns").EnumerateArray());
        Assert.Equal((Now, 4UL), (column.GetProperty("t").GetInt64(), column.GetProperty("count").GetUInt64()));
        Assert.Equal("[[0,2],[1,1],[59,1]]", column.GetProperty("cells").GetRawText());
        Assert.Equal("[[3,1]]", column.GetProperty("tail").GetRawText());
        Assert.Equal((5.0, 2000.0, 2022.0), (
            column.GetProperty("min_ms").GetDouble(), column.GetProperty("max_ms").GetDouble(), column.GetProperty("sum_ms").GetDouble()));
        Assert.Equal(10.0, column.GetProperty("p50_ms").GetDouble());
        Assert.InRange(column.GetProperty("p99_ms").GetDouble(), 1668, 2000);
    }

    [Fact]
    public async Task Cells_WithAStep_AddsTheSecondsUp()
    {
        var heatmap = await FilledAsync();
        await heatmap.SendAsync(Request("balance-ledger", Transfer(-3, 5)));
        await heatmap.PassAsync(1);

        var (_, json) = heatmap.Ask("/api/heatmap/cells", $"series=1&from={Now - 5}&to={Now + 1}&step=6");

        var column = Assert.Single(json.GetProperty("series")[0].GetProperty("columns").EnumerateArray());
        Assert.Equal((Now - 5, 5UL), (column.GetProperty("t").GetInt64(), column.GetProperty("count").GetUInt64()));
    }

    [Fact]
    public async Task Cells_AsBinary_HoldsTheSameColumns()
    {
        var heatmap = await FilledAsync();
        var query = $"from={Now - 2}&to={Now + 1}";

        var (answer, _) = heatmap.Ask("/api/heatmap/cells", query, accept: CellsWriter.BinaryType);
        var (_, json) = heatmap.Ask("/api/heatmap/cells", query);

        Assert.Equal(CellsWriter.BinaryType, answer.ContentType);
        Assert.Equal("Accept", answer.Vary);
        var columns = Decoded(answer.Body.WrittenSpan);
        var expected = json.GetProperty("series").EnumerateArray().SelectMany(s => s.GetProperty("columns").EnumerateArray()
            .Select(c => (s.GetProperty("id").GetInt32(), c.GetProperty("t").GetInt64(), c.GetProperty("count").GetUInt64(), c.GetProperty("max_ms").GetDouble())));
        Assert.Equal(expected, columns.Select(c => (c.Series, c.Second, c.Column.Total, c.Column.SlowestNs / 1e6)));
    }

    [Fact]
    public async Task Cells_AskedAgain_AreUnchangedUntilALateSpanAmendsThem()
    {
        var heatmap = await FilledAsync();
        await heatmap.PassAsync(100);
        var query = $"from={Now}&to={Now + 10}";
        var (first, _) = heatmap.Ask("/api/heatmap/cells", query);
        Assert.Equal("private, max-age=10", first.CacheControl);

        var (again, _) = heatmap.Ask("/api/heatmap/cells", query, ifNoneMatch: first.EntityTag!);
        Assert.Equal(first.EntityTag, again.EntityTag);
        Assert.Equal(0, again.Body.WrittenCount);

        await heatmap.SendAsync(Request("balance-ledger", Transfer(5, 5)));
        await heatmap.PassAsync(1);
        var (amended, _) = heatmap.Ask("/api/heatmap/cells", query, ifNoneMatch: first.EntityTag!);
        Assert.NotEqual(first.EntityTag, amended.EntityTag);
        Assert.NotEqual(0, amended.Body.WrittenCount);
        Assert.Equal("private, no-cache", heatmap.Ask("/api/heatmap/cells").Answer.CacheControl);
    }

    [Fact]
    public async Task Exemplars_OfABox_AreTheFailingOnesFirst()
    {
        var heatmap = await FilledAsync();

        var (_, all) = heatmap.Ask("/api/heatmap/exemplars");
        var exemplars = all.GetProperty("exemplars").EnumerateArray().ToList();
        Assert.Equal([true, false, false, false, false], exemplars.Select(e => e.GetProperty("failing").GetBoolean()));
        Assert.Equal("00000000000000070000000000000009", exemplars[0].GetProperty("trace_id").GetString());
        Assert.Equal("0000000000000009", exemplars[0].GetProperty("span_id").GetString());

        var (_, slow) = heatmap.Ask("/api/heatmap/exemplars", $"series=1&bucket_from=59&failing=false&from={Now}&to={Now + 1}");
        var slowest = Assert.Single(slow.GetProperty("exemplars").EnumerateArray());
        Assert.Equal((2000.0, 59), (slowest.GetProperty("latency_ms").GetDouble(), slowest.GetProperty("bucket").GetInt32()));
        Assert.Equal(1, heatmap.Ask("/api/heatmap/exemplars", "limit=1").Json.GetProperty("exemplars").GetArrayLength());
    }

    [Theory]
    [InlineData("/api/heatmap/cells", "series=7", "series must be all, or ids of /api/heatmap/series separated by commas, got \"7\"")]
    [InlineData("/api/heatmap/cells", "step=0", "step must be a whole number from 1 to 3600, got \"0\"")]
    [InlineData("/api/heatmap/cells", "form=1", "unknown parameter \"form\"; there are series, from, to, step")]
    [InlineData("/api/heatmap/exemplars", "failing=maybe", "failing must be true or false, got \"maybe\"")]
    [InlineData("/api/heatmap/exemplars", "limit=1001", "limit must be a whole number from 1 to 1000, got \"1001\"")]
    [InlineData("/api/heatmap/exemplars", "bucket_from=20&bucket_to=10", "bucket_to must be a whole number from 20 to 59, got \"10\"")]
    [InlineData("/api/heatmap/series", "a=b", "unknown parameter \"a\"; there are none")]
    public async Task AParameter_ThatIsWrong_IsRefusedWithWhatIsAllowed(string path, string query, string problem)
    {
        var (answer, json) = (await FilledAsync()).Ask(path, query);

        Assert.Equal(400, answer.StatusCode);
        Assert.Equal(problem, json.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Cells_MoreThanAnAnswerMayHold_AreRefused()
    {
        var heatmap = new HeatmapHarness();
        for (var i = 0; i < 10; i++)
        {
            await heatmap.SendAsync(Request($"service-{i}", Transfer(0, 5)));
        }

        await heatmap.PassAsync(1);
        var from = heatmap.Connector.Grid.OldestSecond.ToString(CultureInfo.InvariantCulture);

        Assert.Equal(400, heatmap.Ask("/api/heatmap/cells", $"from={from}").Answer.StatusCode);
        Assert.Equal(200, heatmap.Ask("/api/heatmap/cells", $"from={from}&step=10").Answer.StatusCode);
    }

    [Fact]
    public void APath_ThatIsNotThere_SaysWhatIs()
    {
        var (answer, json) = new HeatmapHarness().Ask("/api/heatmap");

        Assert.Equal(404, answer.StatusCode);
        Assert.Contains("/api/heatmap/cells", json.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static async Task<HeatmapHarness> FilledAsync()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.SendAsync(Request(
            "balance-ledger", Transfer(0.1, 5, 1), Transfer(0.2, 6, 9).Failed(), Transfer(0.3, 11, 2), Transfer(0.4, 2000, 3)));
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 5)));
        await heatmap.PassAsync(1);
        return heatmap;
    }

    // By the description in docs/heatmap.md.
    private static List<(int Series, long Second, DenseColumn Column)> Decoded(ReadOnlySpan<byte> bytes)
    {
        Assert.True(bytes.StartsWith("THM1"u8));
        bytes = bytes[4..];
        var from = (long)Varint(ref bytes);
        Varint(ref bytes);
        var step = (long)Varint(ref bytes);
        var columns = new List<(int, long, DenseColumn)>();
        for (var count = Varint(ref bytes); count > 0; count--)
        {
            var series = (int)Varint(ref bytes);
            while (Varint(ref bytes) is var offset and > 0)
            {
                for (var i = 0; i < 4; i++)
                {
                    Varint(ref bytes);
                }

                var size = (int)Varint(ref bytes);
                var column = new DenseColumn();
                CompactColumn.AddTo(bytes[..size], column);
                bytes = bytes[size..];
                columns.Add((series, from + (((long)offset - 1) * step), column));
            }
        }

        Assert.True(bytes.IsEmpty);
        return columns;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
