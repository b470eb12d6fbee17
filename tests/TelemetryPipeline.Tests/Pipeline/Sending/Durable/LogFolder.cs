using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Tests.Pipeline.Sending.Durable;

/// <summary>A directory of its own for a log, deleted afterwards.</summary>
internal sealed class LogFolder : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("segment-log-");

    public LogFolder() => Options = new SegmentLogOptions
    {
        Background = new BackgroundWork(NullLogger.Instance, Metrics, TimeProvider.System, "extension", "file_storage", static (_, _) => { }),
        Directory = Path,
        Owner = new ComponentId("test", ""),
        Signal = Signal.Traces,
        Fsync = FsyncPolicy.Never,
        Logger = NullLogger.Instance,
        Metrics = Metrics,
        Random = new Random(11),
    };

    public string Path => _directory.FullName;

    public MetricRegistry Metrics { get; } = new();

    public SegmentLogOptions Options { get; set; }

    public string[] Segments => Directory.GetFiles(Path, "*.segment");

    public long DamagedRecords(string reason = "")
    {
        long sum = 0;
        foreach (var family in Metrics.Families)
        {
            foreach (var (labels, value) in family.Series)
            {
                if (family.Name == "otelcol_exporter_queue_damaged_records"
                    && labels.Contains($"reason=\"{reason}", StringComparison.Ordinal))
                {
                    sum += ((Counter)value).Value;
                }
            }
        }

        return sum;
    }

    public SegmentLog Open() => SegmentLog.TryOpen(Options) ?? throw new InvalidOperationException("locked");

    /// <summary>Names of the request headers that <see cref="AppendAsync(SegmentLog, RequestMetadata?, long[])"/> stores.</summary>
    public static IReadOnlyList<string> StoredHeaders { get; } = ["tenant"];

    public static async Task<ConsumeResult> AppendAsync(SegmentLog log, RequestMetadata? metadata, params long[] ids)
    {
        using var batch = ScriptedSender.BatchOf(metadata, ids);
        var load = QueueLoad.Of(batch);
        log.Space.TakeAnyway(load);
        var result = await log.AppendAsync(batch, StoredHeaders);
        if (!result.IsAccepted)
        {
            log.Space.Give(load);
        }

        return result;
    }

    public static Task<ConsumeResult> AppendAsync(SegmentLog log, params long[] ids) => AppendAsync(log, null, ids);

    /// <summary>Reads and acknowledges all there is.</summary>
    public static List<long> Drain(SegmentLog log)
    {
        var ids = new List<long>();
        while (log.TryRead(out var record))
        {
            ids.AddRange(ScriptedSender.IdsOf(record.Batch));
            record.Batch.Dispose();
            log.Acknowledge(record);
        }

        return ids;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
