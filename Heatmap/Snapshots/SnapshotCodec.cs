using System.Buffers.Binary;
using System.IO.Hashing;

namespace TelemetryPipeline.Heatmap.Snapshots;

/// <summary>
/// A grid and its exemplars as a file: magic, dimensions, series with their columns in the compact form, exemplars, and a
/// 64-bit XXH3 of everything before it (little-endian). Numbers are varints; texts and bytes have their length in front.
/// </summary>
internal static class SnapshotCodec
{
    private const int HashSizeBytes = sizeof(ulong);

    /// <summary>The first bytes of every snapshot, the format's version in the last.</summary>
    public static ReadOnlySpan<byte> Magic => "TPHEATM1"u8;

    /// <summary>Writes the grid as it is.</summary>
    public static void Write(LatencyGrid grid, HeatmapDimension[] dimensions, Stream output)
    {
        var stream = new SnapshotStream(output);
        stream.Raw(Magic);
        stream.Number((ulong)dimensions.Length);
        foreach (var dimension in dimensions)
        {
            stream.Text(dimension.Name);
        }

        var series = InUse(grid);
        stream.Number((ulong)series.Count);
        foreach (var one in series)
        {
            WriteSeries(grid, one, stream);
        }

        var exemplars = new List<(int Series, LatencyExemplar Exemplar)>();
        grid.Exemplars.Read((one, exemplar) => exemplar.Second >= grid.OldestSecond && series.Contains(one), exemplars);
        exemplars.Sort(static (a, b) => a.Exemplar.EndNs.CompareTo(b.Exemplar.EndNs));
        stream.Number((ulong)exemplars.Count);
        foreach (var (one, exemplar) in exemplars)
        {
            WriteExemplar(stream, (ulong)series.IndexOf(one), exemplar);
        }

        stream.End();
    }

    /// <summary>Puts a snapshot into an empty grid, as far as it is of the last hour.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="grid">The grid; untouched unless the answer is restored.</param>
    /// <param name="dimensions">Its dimensions.</param>
    public static SnapshotOutcome Restore(ReadOnlySpan<byte> file, LatencyGrid grid, HeatmapDimension[] dimensions)
    {
        if (!file.StartsWith(Magic))
        {
            return SnapshotOutcome.Foreign;
        }

        var content = file[..Math.Max(file.Length - HashSizeBytes, Magic.Length)];
        if (file.Length < Magic.Length + HashSizeBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(file[content.Length..]) != XxHash3.HashToUInt64(content))
        {
            return SnapshotOutcome.Damaged;
        }

        var body = content[Magic.Length..];
        var dry = Read(body, null, dimensions);
        return dry == SnapshotOutcome.Restored ? Read(body, grid, dimensions) : dry;
    }

    private static List<int> InUse(LatencyGrid grid)
    {
        var series = new List<int> { LatencyGrid.OverflowSeries };
        for (var i = 1; i < grid.SeriesCount; i++)
        {
            if (grid.KeyOf(i) is not null)
            {
                series.Add(i);
            }
        }

        return series;
    }

    private static void WriteSeries(LatencyGrid grid, int series, SnapshotStream stream)
    {
        var seconds = new List<long>();
        grid.History(series).ReadSeconds(seconds);
        seconds.Sort();
        stream.Bytes(grid.KeyOf(series) ?? []);
        foreach (var second in seconds)
        {
            if (second >= grid.OldestSecond && grid.ReadEncoded(series, second) is { } column)
            {
                stream.Number((ulong)second);
                stream.Bytes(column);
            }
        }

        stream.Number(0);
    }

    private static void WriteExemplar(SnapshotStream stream, ulong series, in LatencyExemplar exemplar)
    {
        stream.Number(series);
        stream.Number(exemplar.TraceIdHigh);
        stream.Number(exemplar.TraceIdLow);
        stream.Number(exemplar.SpanId);
        stream.Number(exemplar.EndNs);
        stream.Number((ulong)exemplar.LatencyNs);
        stream.Number(exemplar.IsFailing ? 1u : 0u);
    }

    // Once without a grid, to know that everything can be read, and once for the grid.
    private static SnapshotOutcome Read(ReadOnlySpan<byte> body, LatencyGrid? grid, HeatmapDimension[] dimensions)
    {
        var reader = new SnapshotReader(body);
        if (!reader.TryNumber(out var count))
        {
            return SnapshotOutcome.Damaged;
        }

        var isSame = count == (ulong)dimensions.Length;
        for (var i = 0; i < (int)Math.Min(count, int.MaxValue); i++)
        {
            if (!reader.TryText(out var name))
            {
                return SnapshotOutcome.Damaged;
            }

            isSame = isSame && name == dimensions[i].Name;
        }

        if (!isSame)
        {
            return SnapshotOutcome.OtherDimensions;
        }

        var series = new List<int>();
        return TryReadSeries(ref reader, grid, dimensions.Length, series) && TryReadExemplars(ref reader, grid, series) && reader.IsAtEnd
            ? SnapshotOutcome.Restored
            : SnapshotOutcome.Damaged;
    }

    private static bool TryReadSeries(ref SnapshotReader reader, LatencyGrid? grid, int dimensions, List<int> series)
    {
        if (!reader.TryNumber(out var count))
        {
            return false;
        }

        var column = new DenseColumn();
        for (var i = 0UL; i < count; i++)
        {
            if (!reader.TryBytes(out var key) || !(key.IsEmpty || SeriesKey.IsValid(key, dimensions)))
            {
                return false;
            }

            var id = key.IsEmpty ? LatencyGrid.OverflowSeries : grid?.Series(key) ?? LatencyGrid.OverflowSeries;
            series.Add(id);
            while (true)
            {
                if (!reader.TryNumber(out var second))
                {
                    return false;
                }

                if (second == 0)
                {
                    break;
                }

                if (second > uint.MaxValue || !reader.TryBytes(out var encoded) || !CompactColumn.IsValid(encoded))
                {
                    return false;
                }

                if (grid is not null)
                {
                    column.Clear();
                    CompactColumn.AddTo(encoded, column);
                    grid.Restore(id, (long)second, column);
                }
            }
        }

        return true;
    }

    private static bool TryReadExemplars(ref SnapshotReader reader, LatencyGrid? grid, List<int> series)
    {
        if (!reader.TryNumber(out var count))
        {
            return false;
        }

        for (var i = 0UL; i < count; i++)
        {
            if (!reader.TryNumber(out var at) || at >= (ulong)series.Count
                || !reader.TryNumber(out var traceHigh) || !reader.TryNumber(out var traceLow) || !reader.TryNumber(out var span)
                || !reader.TryNumber(out var endNs) || !reader.TryNumber(out var latencyNs) || latencyNs > long.MaxValue
                || !reader.TryNumber(out var failing))
            {
                return false;
            }

            var exemplar = new LatencyExemplar(traceHigh, traceLow, span, endNs, (long)latencyNs, failing != 0);
            if (grid is not null && grid.Exemplars.IsEnabled && grid.Place(exemplar.Second) == GridOutcome.Counted)
            {
                grid.Exemplars.Restore(series[(int)at], exemplar);
            }
        }

        return true;
    }
}
