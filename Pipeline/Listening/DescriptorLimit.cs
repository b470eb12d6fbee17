using System.Globalization;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>How many files and sockets the process may have open.</summary>
internal static class DescriptorLimit
{
    private const string LinuxFile = "/proc/self/limits";

    /// <summary>
    /// Connections that one listener may have: the wanted number, but no more than a quarter of the descriptors, so that
    /// exporters, files and the health page always find some.
    /// </summary>
    public static int ForListener(int wanted) =>
        File.Exists(LinuxFile) ? ForListener(wanted, File.ReadAllText(LinuxFile)) : wanted;

    /// <summary>The same from the text of Linux' <c>/proc/self/limits</c>.</summary>
    internal static int ForListener(int wanted, string limits)
    {
        const string Name = "Max open files";
        foreach (var line in limits.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(Name, StringComparison.Ordinal))
            {
                continue;
            }

            var soft = line[Name.Length..].TrimStart();
            var end = soft.IndexOf(' ');
            return long.TryParse(end < 0 ? soft : soft[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? (int)Math.Clamp(count / 4, 1, wanted)
                : wanted;
        }

        return wanted;
    }
}
