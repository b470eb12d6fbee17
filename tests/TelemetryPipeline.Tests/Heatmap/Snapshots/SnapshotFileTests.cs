using System.Linq;
using System.Runtime.Versioning;
using CsCheck;
using TelemetryPipeline.Heatmap;
using TelemetryPipeline.Heatmap.Snapshots;
using static TelemetryPipeline.Tests.Heatmap.HeatmapHarness;

namespace TelemetryPipeline.Tests.Heatmap.Snapshots;

public sealed class SnapshotFileTests : IDisposable
{
    private static readonly HeatmapDimension[] Dimensions = [new("service.name")];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string Path => System.IO.Path.Combine(_folder.FullName, "heatmap.snapshot");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Restore_OfASavedGrid_GivesItBack()
    {
        var grid = Filled();
        Assert.Null(File(Path).Save(grid, Dimensions));

        var restored = Empty();
        Assert.Equal(SnapshotOutcome.Restored, File(Path).Restore(restored, Dimensions, out _));

        Assert.Equal(Columns(grid), Columns(restored));
        Assert.Equal(Exemplars(grid), Exemplars(restored));
        Assert.Empty(restored.TakeChanges(restored.Series(Key("ledger"))));
        Assert.Equal(0, restored.CountOf(GridOutcome.Counted));
        Assert.Equal([Path], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Save_Always_IsForTheOwnerOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix permissions");
        const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        foreach (var left in new[] { Path, Path + ".new" })
        {
            System.IO.File.WriteAllText(left, "");
            System.IO.File.SetUnixFileMode(left, Everyone);
        }

        Assert.Null(File(Path).Save(Filled(), Dimensions));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(Path));
    }

    [Fact]
    public void Restore_NearlyAnHourLater_LeavesOutWhatIsOlderThanTheHour()
    {
        Assert.Null(File(Path).Save(Filled(), Dimensions));
        var later = Empty();
        later.Advance(Now + 3595);

        Assert.Equal(SnapshotOutcome.Restored, File(Path).Restore(later, Dimensions, out _));

        Assert.Equal([Now - 4, Now - 3, Now - 2, Now - 1, Now], Columns(later).Select(c => c.Second).Distinct().Order());
    }

    [Fact]
    public void Restore_WithAnyByteChangedOrCutOff_LeavesTheGridEmpty()
    {
        Assert.Null(File(Path).Save(Filled(), Dimensions));
        var whole = System.IO.File.ReadAllBytes(Path);
        Gen.Select(Gen.Int[8, whole.Length - 1], Gen.Byte[1, 255], Gen.Bool).Sample(
            (at, change, cut) =>
            {
                byte[] damaged = cut ? whole[..at] : [.. whole];
                if (!cut)
                {
                    damaged[at] ^= change;
                }

                var grid = Empty();
                Assert.Equal(SnapshotOutcome.Damaged, SnapshotCodec.Restore(damaged, grid, Dimensions));
                Assert.Empty(Columns(grid));
            },
            iter: 200);
    }

    [Fact]
    public void Restore_ADamagedFile_SetsItAsideAndGoesOn()
    {
        Assert.Null(File(Path).Save(Filled(), Dimensions));
        var bytes = System.IO.File.ReadAllBytes(Path);
        System.IO.File.WriteAllBytes(Path, bytes[..^3]);
        var file = File(Path);

        Assert.Equal(SnapshotOutcome.Damaged, file.Restore(Empty(), Dimensions, out var detail));

        Assert.Contains(".damaged", detail, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(Path + ".damaged"));
        Assert.Null(file.Save(Filled(), Dimensions));
    }

    [Fact]
    public void Restore_AFileThatIsNoSnapshot_NeverTouchesIt()
    {
        System.IO.File.WriteAllText(Path, "the ledger of 1998");
        var file = File(Path);

        Assert.Equal(SnapshotOutcome.Foreign, file.Restore(Empty(), Dimensions, out _));

        Assert.NotNull(file.Save(Filled(), Dimensions));
        Assert.Equal("the ledger of 1998", System.IO.File.ReadAllText(Path));
    }

    [Fact]
    public void Restore_OtherDimensionsOrNoFile_BeginsAnEmptyHour()
    {
        var file = File(Path);
        Assert.Equal(SnapshotOutcome.None, file.Restore(Empty(), Dimensions, out _));
        Assert.Null(file.Save(Filled(), Dimensions));
        Assert.Equal(SnapshotOutcome.OtherDimensions, file.Restore(Empty(), [new("tenant.id")], out _));
        Assert.Null(file.Save(Filled(), Dimensions));
    }

    [Fact]
    public void Save_WhereNothingCanBeWritten_SaysWhy() =>
        Assert.Contains("no such folder", File(System.IO.Path.Combine(_folder.FullName, "no such folder", "x")).Save(Filled(), Dimensions), StringComparison.Ordinal);

    [Fact]
    public async Task Connector_StoppedAndStartedAgain_HasTheHourAndDoesNotSendItAgain()
    {
        var yaml = $"{{query: {{enabled: false}}, snapshot: {{file: '{Path}'}}}}";
        var first = new HeatmapHarness(yaml);
        await first.Connector.StartAsync(CancellationToken.None);
        await first.SendAsync(Request("risk-engine", Transfer(0, 5)));
        await first.Connector.StopAsync(CancellationToken.None);

        var second = new HeatmapHarness(yaml);
        await second.Connector.StartAsync(CancellationToken.None);
        await second.Connector.StopAsync(CancellationToken.None);

        Assert.Single(first.Frames);
        Assert.Empty(second.Frames);
        Assert.Single(Columns(second.Connector.Grid));
    }

    private static SnapshotFile File(string path) => new(path, 1 << 20);

    private static LatencyGrid Empty()
    {
        var grid = new LatencyGrid(64 << 20, exemplars: new ExemplarStore(1 << 20));
        grid.Advance(Now);
        return grid;
    }

    private static LatencyGrid Filled()
    {
        var grid = Empty();
        foreach (var service in (string[])["ledger", "risk-engine"])
        {
            using var writer = grid.Write();
            for (var i = 0; i < 200; i++)
            {
                var series = grid.Series(Key(service));
                writer.Record(series, new LatencyExemplar(1, (ulong)i + 1, 3, (ulong)(Now - (i % 20)) * 1_000_000_000, i * 7_000_000L, i % 9 == 0));
            }
        }

        grid.Flush();
        return grid;
    }

    private static byte[] Key(string service) => [(byte)(service.Length + 1), .. System.Text.Encoding.UTF8.GetBytes(service)];

    private static List<(string Series, long Second, string Column)> Columns(LatencyGrid grid)
    {
        var columns = new List<(string, long, string)>();
        for (var series = 0; series < grid.SeriesCount; series++)
        {
            for (var second = grid.OldestSecond; second <= grid.NowSecond; second++)
            {
                if (grid.ReadEncoded(series, second) is { } column)
                {
                    columns.Add((Convert.ToHexString(grid.KeyOf(series) ?? []), second, Convert.ToHexString(column)));
                }
            }
        }

        return columns;
    }

    private static HashSet<LatencyExemplar> Exemplars(LatencyGrid grid)
    {
        var found = new List<(int Series, LatencyExemplar Exemplar)>();
        grid.Exemplars.Read(static (_, _) => true, found);
        return [.. found.Select(static f => f.Exemplar)];
    }
}
