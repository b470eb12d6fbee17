using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Heatmap.Snapshots;

/// <summary>The file that carries the hour over a restart: written beside itself, flushed to disk, then renamed.</summary>
/// <param name="path">Where it is.</param>
/// <param name="sizeBytesMax">A larger file is no snapshot of ours.</param>
internal sealed class SnapshotFile(string path, long sizeBytesMax)
{
    // A snapshot may be as large as the memory that the heat map may use.
    private static readonly TimeSpan ReadLimit = TimeSpan.FromMinutes(1);

    private bool _isForeign;

    /// <summary>Writes the grid.</summary>
    /// <returns>What stood in the way; null when it is written.</returns>
    public string? Save(LatencyGrid grid, HeatmapDimension[] dimensions)
    {
        if (_isForeign)
        {
            return "the file there is no snapshot and is left alone";
        }

        var beside = path + ".new";
        try
        {
            // One that an interrupted save left behind may have the permissions of an earlier version.
            File.Delete(beside);
            using (var file = PrivateFile.Open(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                SnapshotCodec.Write(grid, dimensions, file);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
        catch (UnauthorizedAccessException e)
        {
            return e.Message;
        }
    }

    /// <summary>Reads the file into an empty grid.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="dimensions">Its dimensions.</param>
    /// <param name="detail">What is to be known about the outcome; empty when there is nothing.</param>
    public SnapshotOutcome Restore(LatencyGrid grid, HeatmapDimension[] dimensions, out string detail)
    {
        detail = "";
        try
        {
            var outcome = SnapshotOutcome.Foreign;
            var size = new FileInfo(path).Length;
            if (size <= sizeBytesMax)
            {
                // An empty file is what a full disk or a careless touch leaves behind: nothing to restore, nothing to keep.
                outcome = size == 0 ? SnapshotOutcome.None : SnapshotCodec.Restore(BoundedFile.ReadAllBytes(path, (int)Math.Min(sizeBytesMax, Array.MaxLength - 1), ReadLimit), grid, dimensions);
            }

            _isForeign = outcome == SnapshotOutcome.Foreign;
            if (outcome == SnapshotOutcome.Damaged)
            {
                var aside = path + ".damaged";
                File.Move(path, aside, overwrite: true);
                detail = "it is kept as " + aside;
            }

            return outcome;
        }
        catch (FileNotFoundException)
        {
            return SnapshotOutcome.None;
        }
        catch (DirectoryNotFoundException)
        {
            return SnapshotOutcome.None;
        }
        catch (IOException e)
        {
            detail = e.Message;
            return SnapshotOutcome.Unreadable;
        }
        catch (UnauthorizedAccessException e)
        {
            detail = e.Message;
            return SnapshotOutcome.Unreadable;
        }
    }
}
