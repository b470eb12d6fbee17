using System.Linq;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Tests.Pipeline.Sending.Durable;

public sealed class SegmentLogTests
{
    [Fact]
    public async Task Read_AfterAppend_GivesDataCountAndMetadata()
    {
        using var folder = new LogFolder();
        var log = folder.Open();
        var metadata = new RequestMetadata([new("Tenant", ["a", ""]), new("none", [])]);

        Assert.True((await LogFolder.AppendAsync(log, metadata, 1, 2, 3)).IsAccepted);

        Assert.True(log.HasUnread);
        Assert.True(log.TryRead(out var record));
        Assert.Equal([1, 2, 3], ScriptedSender.IdsOf(record.Batch));
        Assert.Equal((3, 24L, Signal.Traces), (record.Batch.ItemCount, record.Batch.ByteCount, record.Batch.Signal));
        Assert.Equal(["a", ""], record.Batch.Metadata!.Get("tenant"));
        Assert.False(log.TryRead(out _));
        Assert.False(log.HasUnread);
        log.Close();
    }

    // Scenario: a record of an earlier version, which stored every header of the request.
    [Fact]
    public async Task Read_RecordWithEveryHeader_GivesThemAll()
    {
        using var folder = new LogFolder();
        var log = folder.Open();
        using (var batch = ScriptedSender.BatchOf(new RequestMetadata([new("Authorization", ["Bearer a"]), new("tenant", ["b"])]), 1))
        {
            Assert.True((await log.AppendAsync(batch, ["Authorization", "tenant"])).IsAccepted);
        }

        log.Close();
        log = folder.Open();

        Assert.True(log.TryRead(out var record));
        Assert.Equal(["Bearer a"], record.Batch.Metadata!.Get("authorization"));
        Assert.Equal(["b"], record.Batch.Metadata.Get("Tenant"));
        log.Close();
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Open_FilesOfAnEarlierVersion_BecomeTheOwnersOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix permissions");
        using var folder = new LogFolder();
        var log = folder.Open();
        await LogFolder.AppendAsync(log, 1);
        await LogFolder.AppendAsync(log, 2);
        log.TryRead(out var first);
        log.Acknowledge(first!);
        log.Close();
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        foreach (var file in Directory.GetFiles(folder.Path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | Others);
        }

        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | Others);

        log = folder.Open();

        foreach (var path in (string[])[folder.Path, .. Directory.GetFiles(folder.Path)])
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Others);
        }

        Assert.Equal([2], LogFolder.Drain(log));
        log.Close();
    }

    [Fact]
    public async Task Open_AfterClose_GoesOnWhereItStopped()
    {
        using var folder = new LogFolder();
        var log = folder.Open();
        for (var i = 0; i < 10; i++)
        {
            await LogFolder.AppendAsync(log, i);
        }

        var read = new List<LogRecord>();
        while (read.Count < 6 && log.TryRead(out var record))
        {
            read.Add(record);
        }

        // Out of order, as several workers do it; 0 and 3 are under way when the process ends.
        foreach (var i in new[] { 4, 1, 5, 2 })
        {
            log.Acknowledge(read[i]);
        }

        log.Close();
        log = folder.Open();

        Assert.Equal(6, log.Space.Load.Requests);
        Assert.Equal([0, 3, 6, 7, 8, 9], LogFolder.Drain(log));
        Assert.Equal(0, log.Space.Load.Bytes);
        log.Close();
        Assert.Empty(folder.Segments);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.acks"));
    }

    [Fact]
    public async Task Append_SegmentFull_RollsAndReclaimsWhatIsAcknowledged()
    {
        using var folder = new LogFolder();
        folder.Options = folder.Options with { SegmentSizeBytes = 100 };
        var log = folder.Open();
        for (var i = 0; i < 20; i++)
        {
            await LogFolder.AppendAsync(log, i);
        }

        Assert.Equal(7, folder.Segments.Length);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), LogFolder.Drain(log));
        Assert.Single(folder.Segments);
        log.Close();
        Assert.Empty(folder.Segments);
        Assert.Equal(0, folder.DamagedRecords());
    }

    [Fact]
    public async Task Return_Record_IsReadAgain()
    {
        using var folder = new LogFolder();
        var log = folder.Open();
        await LogFolder.AppendAsync(log, 1);
        await LogFolder.AppendAsync(log, 2);
        log.TryRead(out var first);

        log.Return(first!);

        Assert.Equal([1, 2], LogFolder.Drain(log));
        log.Close();
    }

    [Fact]
    public async Task Append_DiskFull_AsksForRetryAndKeepsWhatItHas()
    {
        using var folder = new LogFolder();
        var disk = new FullDisk();
        folder.Options = folder.Options with { Disk = disk };
        var log = folder.Open();
        await LogFolder.AppendAsync(log, 1);

        disk.IsFull = true;
        var refused = await LogFolder.AppendAsync(log, 2);
        disk.IsFull = false;
        await LogFolder.AppendAsync(log, 3);

        Assert.Equal((ConsumeOutcome.Retry, "storage_full"), (refused.Outcome, refused.Reason));
        log.Close();
        log = folder.Open();
        Assert.Equal([1, 3], LogFolder.Drain(log));
        Assert.Equal(0, folder.DamagedRecords());
        log.Close();
    }

    // Scenario: writing throws what no disk does.
    // Guarantees: the sender gets an answer that asks for a retry, and the log takes later batches.
    [Theory]
    [InlineData(FsyncPolicy.Always)]
    [InlineData(FsyncPolicy.Never)]
    public async Task Append_UnexpectedError_AsksForRetryAndTakesTheNext(FsyncPolicy policy)
    {
        using var folder = new LogFolder();
        var disk = new FullDisk();
        folder.Options = folder.Options with { Fsync = policy, Disk = disk };
        var log = folder.Open();

        disk.Bug = new InvalidOperationException("a bug");
        var refused = await LogFolder.AppendAsync(log, 1).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        disk.Bug = null;
        var accepted = await LogFolder.AppendAsync(log, 2).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal((ConsumeOutcome.Retry, "internal_error"), (refused.Outcome, refused.Reason));
        Assert.True(accepted.IsAccepted);
        Assert.Equal([2], LogFolder.Drain(log));
        log.Close();
    }

    [Fact]
    public async Task Append_DiskFullOfWhatIsDelivered_GivesItFree()
    {
        using var folder = new LogFolder();
        var disk = new FullDisk();
        folder.Options = folder.Options with { Disk = disk };
        var log = folder.Open();
        await LogFolder.AppendAsync(log, 1, 2);
        Assert.Equal([1, 2], LogFolder.Drain(log));

        disk.IsFull = true;
        Assert.Equal("storage_full", (await LogFolder.AppendAsync(log, 3)).Reason);
        Assert.Empty(folder.Segments);
        disk.IsFull = false;
        Assert.True((await LogFolder.AppendAsync(log, 4)).IsAccepted);

        Assert.Equal([4], LogFolder.Drain(log));
        log.Close();
    }

    [Theory]
    [InlineData(FsyncPolicy.Always)]
    [InlineData(FsyncPolicy.Interval)]
    [InlineData(FsyncPolicy.Never)]
    public async Task Append_ManyAtOnce_AllAcceptedAndFlushesShared(FsyncPolicy policy)
    {
        using var folder = new LogFolder();
        var disk = new FullDisk();
        folder.Options = folder.Options with { Fsync = policy, Disk = disk, SegmentSizeBytes = 4096 };
        var log = folder.Open();
        var appends = Enumerable.Range(0, 16)
            .Select(p => Task.Run(async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    Assert.True((await LogFolder.AppendAsync(log, (p * 1000) + i)).IsAccepted);
                }
            }));
        await Task.WhenAll(appends);

        Assert.InRange(disk.Flushes, 0, 850);
        Assert.Equal(policy == FsyncPolicy.Never, disk.Flushes == 0);
        Assert.Equal(800, LogFolder.Drain(log).Distinct().Count());
        log.Close();
    }

    [Fact]
    public async Task Lease_SameDirectory_IsSharedInAProcessAndClosedByTheLast()
    {
        using var folder = new LogFolder();
        var first = await SegmentLogLease.OpenAsync(folder.Options);
        var second = await SegmentLogLease.OpenAsync(folder.Options);
        Assert.Same(first.Log, second.Log);
        first.Dispose();
        first.Dispose();
        Assert.True((await LogFolder.AppendAsync(second.Log, 1)).IsAccepted);
        second.Dispose();
        Assert.Equal("stopping", (await LogFolder.AppendAsync(second.Log, 2)).Reason);
    }

    [Fact]
    public async Task Lease_DirectoryHeldByAnother_FailsWithTheReason()
    {
        using var folder = new LogFolder();
        folder.Options = folder.Options with { LockTimeout = TimeSpan.FromMilliseconds(1) };
        using (StorageDirectory.TryLock(folder.Path))
        {
            var failure = await Assert.ThrowsAsync<ComponentStartException>(
                async () => await SegmentLogLease.OpenAsync(folder.Options));
            Assert.Contains("another process holds it", failure.Message, StringComparison.Ordinal);
        }

        (await SegmentLogLease.OpenAsync(folder.Options)).Dispose();
    }

    private sealed class FullDisk : DiskWriter
    {
        private int _flushes;

        public bool IsFull { get; set; }

        public Exception? Bug { get; set; }

        public int Flushes => _flushes;

        public override void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            if (Bug is not null)
            {
                throw Bug;
            }

            if (!IsFull)
            {
                base.Write(file, buffers, offset);
                return;
            }

            // Half of it arrives, as on a real disk.
            RandomAccess.Write(file, buffers[0].Span, offset);
            throw new IOException("No space left on device", 28);
        }

        public override void Flush(SafeFileHandle file)
        {
            Interlocked.Increment(ref _flushes);
            base.Flush(file);
        }
    }
}
