using System.Linq;
using CsCheck;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Tests.Pipeline.Sending.Durable;

/// <summary>The log against a list in memory: what is appended and not acknowledged is there, after any restart.</summary>
public sealed class SegmentLogModelTests
{
    [Fact]
    public void AnySequence_BehavesLikeAQueueInMemory() =>
        Gen.Select(Gen.Int[0, 9].Array[1, 60], Gen.Int[50, 400]).Sample(
            (steps, segmentSize) => Run(steps, segmentSize), iter: 150, threads: 1);

    private static void Run(int[] steps, int segmentSize)
    {
        using var folder = new LogFolder();
        folder.Options = folder.Options with { SegmentSizeBytes = segmentSize };
        var log = folder.Open();
        var unread = new SortedSet<long>();
        var underWay = new List<(long Id, LogRecord Record)>();
        long next = 0;
        foreach (var step in steps)
        {
            switch (step)
            {
                case < 4:
                    Assert.True(LogFolder.AppendAsync(log, next).GetAwaiter().GetResult().IsAccepted);
                    unread.Add(next++);
                    break;
                case < 6:
                    Assert.Equal(unread.Count > 0, log.TryRead(out var record));
                    if (record is not null)
                    {
                        var id = ScriptedSender.IdsOf(record.Batch).Single();
                        Assert.True(unread.Remove(id));
                        underWay.Add((id, record));
                    }

                    break;
                case < 8 when underWay.Count > 0:
                    var acked = underWay[(int)(next % underWay.Count)];
                    underWay.Remove(acked);
                    log.Acknowledge(acked.Record);
                    break;
                case 8 when underWay.Count > 0:
                    log.Return(underWay[0].Record);
                    unread.Add(underWay[0].Id);
                    underWay.RemoveAt(0);
                    break;
                default:
                    log.Close();
                    log = folder.Open();
                    unread.UnionWith(underWay.Select(u => u.Id));
                    underWay.Clear();
                    break;
            }

            Assert.Equal(unread.Count + underWay.Count, log.Space.Load.Items);
        }

        log.Close();
        log = folder.Open();
        unread.UnionWith(underWay.Select(u => u.Id));
        Assert.Equal(unread, LogFolder.Drain(log).Order());
        Assert.Equal(0, folder.DamagedRecords());
        log.Close();
        Assert.Empty(folder.Segments);
    }
}
