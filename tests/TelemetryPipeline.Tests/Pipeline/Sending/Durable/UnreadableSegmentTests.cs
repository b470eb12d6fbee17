using System.Linq;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Pipeline.Sending.Durable;

/// <summary>
/// Scenario: the medium gives a segment no more; a directory in its place stands for that.
/// Guarantees: the segment is counted and left where it is, and everything in the others is delivered.
/// </summary>
public sealed class UnreadableSegmentTests
{
    private const int RecordLength = 48;

    [Fact]
    public async Task Read_SegmentOfAnEarlierRunGone_IsCountedKeptAndPassed()
    {
        using var folder = new LogFolder();
        folder.Options = folder.Options with { SegmentSizeBytes = 2 * RecordLength };
        var first = folder.Open();
        for (var i = 0; i < 6; i++)
        {
            await LogFolder.AppendAsync(first, i);
        }

        first.Close();
        var log = folder.Open();
        var lost = folder.Segments.Order(StringComparer.Ordinal).ElementAt(1);
        Break(lost);

        Assert.Equal([0, 1, 4, 5], LogFolder.Drain(log));

        Assert.Equal(1, Unreadable(folder));
        Assert.Equal(2, log.Space.Load.Items);
        Assert.True((await LogFolder.AppendAsync(log, 9)).IsAccepted);
        Assert.Equal([9], LogFolder.Drain(log));
        log.Close();
        Assert.True(Directory.Exists(lost));
        Assert.Empty(folder.Segments);
    }

    [Fact]
    public async Task Read_SegmentBackAfterARestart_IsDelivered()
    {
        using var folder = new LogFolder();
        var first = folder.Open();
        await LogFolder.AppendAsync(first, 1);
        first.Close();
        var log = folder.Open();
        var name = folder.Segments.Single();
        var bytes = File.ReadAllBytes(name);
        Break(name);
        Assert.Empty(LogFolder.Drain(log));
        log.Close();
        Directory.Delete(name);
        File.WriteAllBytes(name, bytes);

        var again = folder.Open();

        Assert.Equal([1], LogFolder.Drain(again));
        again.Close();
        Assert.Empty(folder.Segments);
    }

    private static void Break(string segment)
    {
        File.Delete(segment);
        Directory.CreateDirectory(segment);
    }

    private static long Unreadable(LogFolder folder) => folder.Metrics.Families
        .Where(static family => family.Name == "otelcol_exporter_queue_unreadable_segments")
        .SelectMany(static family => family.Series)
        .Sum(static series => ((Counter)series.Value).Value);
}
