using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace TelemetryPipeline.Heatmap.Query;

/// <summary>Which exemplars are asked for.</summary>
internal sealed record ExemplarsQuery(
    HashSet<int> Series, long From, long To, int BucketFrom, int BucketTo, bool? IsFailing, int Limit)
{
    /// <summary>Exemplars of one answer.</summary>
    public const int LimitMax = 1000;

    private const int LimitDefault = 100;

    /// <summary>Reads the parameters; the problem, if there is one, is theirs.</summary>
    public static ExemplarsQuery Read(QueryParameters parameters, LatencyGrid grid)
    {
        parameters.Finish("series", "from", "to", "bucket_from", "bucket_to", "failing", "limit");
        var end = grid.NowSecond + grid.FutureSeconds + 1;
        var least = grid.NowSecond - LatencyGrid.ColumnCount + 1;
        var to = parameters.Number("to", end, least + 1, end);
        var from = parameters.Number("from", least, least - LatencyGrid.ColumnCount, to - 1);
        var bucketFrom = (int)parameters.Number("bucket_from", 0, 0, LatencyBuckets.BucketCount - 1);
        var bucketTo = (int)parameters.Number("bucket_to", LatencyBuckets.BucketCount - 1, bucketFrom, LatencyBuckets.BucketCount - 1);
        return new ExemplarsQuery(
            [.. parameters.Series(grid)],
            Math.Max(from, grid.OldestSecond),
            to,
            bucketFrom,
            bucketTo,
            parameters.Flag("failing"),
            (int)parameters.Number("limit", LimitDefault, 1, LimitMax));
    }

    /// <summary>Writes the exemplars as JSON: failing ones first, then the newest.</summary>
    public void WriteJson(LatencyGrid grid, IBufferWriter<byte> output)
    {
        var found = new List<(int Series, LatencyExemplar Exemplar)>();
        grid.Exemplars.Read(Takes, found);
        found.Sort(static (a, b) => a.Exemplar.IsFailing != b.Exemplar.IsFailing
            ? b.Exemplar.IsFailing.CompareTo(a.Exemplar.IsFailing)
            : b.Exemplar.EndNs.CompareTo(a.Exemplar.EndNs));
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteNumber("found", found.Count);
        json.WriteStartArray("exemplars");
        foreach (var (series, exemplar) in found[..Math.Min(found.Count, Limit)])
        {
            json.WriteStartObject();
            json.WriteNumber("series", series);
            json.WriteNumber("t", exemplar.Second);
            json.WriteNumber("bucket", exemplar.Bucket);
            json.WriteString("trace_id", string.Create(CultureInfo.InvariantCulture, $"{exemplar.TraceIdHigh:x16}{exemplar.TraceIdLow:x16}"));
            json.WriteString("span_id", exemplar.SpanId.ToString("x16", CultureInfo.InvariantCulture));
            json.WriteString("end_ns", exemplar.EndNs.ToString(CultureInfo.InvariantCulture));
            json.WriteNumber("latency_ms", ColumnJson.Ms(exemplar.LatencyNs));
            json.WriteBoolean("failing", exemplar.IsFailing);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private bool Takes(int series, LatencyExemplar exemplar) =>
        exemplar.Second >= From && exemplar.Second < To
        && exemplar.Bucket >= BucketFrom && exemplar.Bucket <= BucketTo
        && (IsFailing is null || IsFailing == exemplar.IsFailing)
        && Series.Contains(series);
}
