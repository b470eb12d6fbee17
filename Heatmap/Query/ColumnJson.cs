using System.Text.Json;

namespace TelemetryPipeline.Heatmap.Query;

/// <summary>A column as JSON.</summary>
internal static class ColumnJson
{
    /// <summary>Quantiles of every column, with their names.</summary>
    public static readonly (double Quantile, string Name)[] Quantiles =
        [(0.5, "p50_ms"), (0.9, "p90_ms"), (0.95, "p95_ms"), (0.99, "p99_ms")];

    private const double NsPerMs = 1e6;

    /// <summary>Nanoseconds as milliseconds.</summary>
    public static double Ms(double ns) => ns / NsPerMs;

    /// <summary>Writes the column's fields into the object that the caller has begun.</summary>
    public static void WriteFields(Utf8JsonWriter json, long second, DenseColumn column)
    {
        json.WriteNumber("t", second);
        json.WriteNumber("count", column.Total);
        json.WriteNumber("sum_ms", Ms(column.SumNs));
        json.WriteNumber("min_ms", Ms(column.FastestNs));
        json.WriteNumber("max_ms", Ms(column.SlowestNs));
        foreach (var (quantile, name) in Quantiles)
        {
            json.WriteNumber(name, Ms(LatencyQuantiles.Of(column, quantile) ?? 0));
        }

        json.WriteStartArray("cells");
        for (var bucket = 0; bucket < LatencyBuckets.BucketCount; bucket++)
        {
            WriteCell(json, bucket, column.InBucket(bucket));
        }

        json.WriteEndArray();
        var tail = column.Counts[LatencyBuckets.FirstTailSlot..];
        if (tail.ContainsAnyExcept(0UL))
        {
            json.WriteStartArray("tail");
            for (var slot = 0; slot < tail.Length; slot++)
            {
                WriteCell(json, slot, tail[slot]);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteCell(Utf8JsonWriter json, int bucket, ulong count)
    {
        if (count > 0)
        {
            json.WriteStartArray();
            json.WriteNumberValue(bucket);
            json.WriteNumberValue(count);
            json.WriteEndArray();
        }
    }
}
