using System.Buffers;
using System.Text.Json;

namespace TelemetryPipeline.Heatmap.Query;

/// <summary>Writes columns, as JSON and in the compact binary form that docs/heatmap.md describes.</summary>
internal static class CellsWriter
{
    /// <summary>The media type of the binary form.</summary>
    public const string BinaryType = "application/vnd.telemetry-pipeline.heatmap";

    private const int VarintSizeBytesMax = 10;
    private const double NsPerUs = 1e3;

    /// <summary>Writes JSON.</summary>
    public static void WriteJson(LatencyGrid grid, CellsQuery query, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        var column = new DenseColumn();
        json.WriteStartObject();
        json.WriteNumber("from", query.From);
        json.WriteNumber("to", query.To);
        json.WriteNumber("step", query.Step);
        json.WriteNumber("oldest", grid.OldestSecond);
        json.WriteStartArray("series");
        foreach (var series in query.Series)
        {
            json.WriteStartObject();
            json.WriteNumber("id", series);
            json.WriteStartArray("columns");
            for (var second = query.From; second < query.To; second += query.Step)
            {
                if (query.TryRead(grid, series, second, column))
                {
                    json.WriteStartObject();
                    ColumnJson.WriteFields(json, second, column);
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes the binary form.</summary>
    public static void WriteBinary(LatencyGrid grid, CellsQuery query, IBufferWriter<byte> output)
    {
        var column = new DenseColumn();
        output.Write("THM1"u8);
        Varint(output, (ulong)query.From);
        Varint(output, (ulong)query.To);
        Varint(output, (ulong)query.Step);
        Varint(output, (ulong)query.Series.Count);
        Span<byte> encoded = stackalloc byte[CompactColumn.SizeBytesMax];
        foreach (var series in query.Series)
        {
            Varint(output, (ulong)series);
            for (var second = query.From; second < query.To; second += query.Step)
            {
                if (!query.TryRead(grid, series, second, column))
                {
                    continue;
                }

                // 0 ends a series, so offsets count from 1.
                Varint(output, (ulong)((second - query.From) / query.Step) + 1);
                foreach (var (quantile, _) in ColumnJson.Quantiles)
                {
                    Varint(output, (ulong)((LatencyQuantiles.Of(column, quantile) ?? 0) / NsPerUs));
                }

                var size = CompactColumn.Encode(column, encoded);
                Varint(output, (ulong)size);
                output.Write(encoded[..size]);
            }

            Varint(output, 0);
        }
    }

    private static void Varint(IBufferWriter<byte> output, ulong value)
    {
        var span = output.GetSpan(VarintSizeBytesMax);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[at++] = (byte)(value | 0x80);
        }

        span[at++] = (byte)value;
        output.Advance(at);
    }
}
