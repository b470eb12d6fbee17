using System.Globalization;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>
/// Names of files that were put away, as lumberjack gives them: the time in front of the extension, for example
/// <c>data-2026-09-14T05-02-14.173.json</c>.
/// </summary>
internal sealed class RotatedNames
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH-mm-ss.fff";

    private readonly string _directory;
    private readonly string _prefix;
    private readonly string _extension;

    /// <summary>Names beside a file.</summary>
    /// <param name="path">The file that is written to.</param>
    public RotatedNames(string path)
    {
        var full = Path.GetFullPath(path);
        _directory = Path.GetDirectoryName(full) ?? "/";
        _prefix = Path.GetFileNameWithoutExtension(full) + "-";
        _extension = Path.GetExtension(full);
    }

    /// <summary>A name that is not taken.</summary>
    /// <param name="time">When the file is put away, in the time zone that names are to bear.</param>
    public string Free(DateTimeOffset time)
    {
        while (true)
        {
            var name = _prefix + time.ToString(TimeFormat, CultureInfo.InvariantCulture) + _extension;
            var path = Path.Combine(_directory, name);
            if (!File.Exists(path))
            {
                return path;
            }

            // Two in a millisecond: the second must not replace the first.
            time = time.AddMilliseconds(1);
        }
    }

    /// <summary>Files to delete.</summary>
    /// <param name="rotation">What to keep.</param>
    /// <param name="now">The time, in the time zone that names bear.</param>
    public IReadOnlyList<string> Outdated(FileRotationConfig rotation, DateTimeOffset now)
    {
        var backups = new List<(DateTime Time, string Path)>();
        foreach (var path in Directory.EnumerateFiles(_directory, _prefix + "*" + _extension))
        {
            var name = Path.GetFileName(path.AsSpan());
            var middle = name[_prefix.Length..(name.Length - _extension.Length)];
            if (DateTime.TryParseExact(middle, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            {
                backups.Add((time, path));
            }
        }

        backups.Sort(static (a, b) => b.Time.CompareTo(a.Time));
        var outdated = new List<string>();
        for (var i = 0; i < backups.Count; i++)
        {
            var tooMany = rotation.MaxBackups > 0 && i >= rotation.MaxBackups;
            var tooOld = rotation.MaxDays > 0 && now.DateTime - backups[i].Time > TimeSpan.FromDays(rotation.MaxDays);
            if (tooMany || tooOld)
            {
                outdated.Add(backups[i].Path);
            }
        }

        return outdated;
    }
}
