using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace TelemetryPipeline.IntegrationTests.DurableQueue;

/// <summary>A process with a queue in <c>FOLDER/storage</c>, and what it tells.</summary>
internal static class QueueProcess
{
    private const long IdsPerRun = 100_000_000;

    /// <summary>Starts one.</summary>
    /// <param name="folder">Where the queue and the sinks are.</param>
    /// <param name="mode"><c>load</c> fills and delivers until it is killed, <c>drain</c> empties and ends.</param>
    /// <param name="fsync">The storage's setting.</param>
    /// <param name="run">Different for each process on the same folder.</param>
    public static Process Start(string folder, string mode, string fsync, int run)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "TelemetryPipeline.CrashingQueue.dll"));
        start.ArgumentList.Add(mode);
        start.ArgumentList.Add(Path.Combine(folder, "storage"));
        start.ArgumentList.Add(Path.Combine(folder, $"sink-{run}"));
        start.ArgumentList.Add(fsync);
        start.ArgumentList.Add((run * IdsPerRun).ToString(CultureInfo.InvariantCulture));
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    /// <summary>Takes note of the items that a line of output says were acknowledged.</summary>
    public static void Note(string line, HashSet<long> acknowledged)
    {
        // The last line may be cut short by a kill.
        if (line.Split(' ') is not [var first, { Length: > 0 } count])
        {
            return;
        }

        var start = long.Parse(first, CultureInfo.InvariantCulture);
        for (var i = 0; i < int.Parse(count, CultureInfo.InvariantCulture); i++)
        {
            acknowledged.Add(start + i);
        }
    }

    /// <summary>How often each item arrived at the sinks of all processes.</summary>
    public static Dictionary<long, int> ReadSinks(string folder)
    {
        var delivered = new Dictionary<long, int>();
        foreach (var path in Directory.GetFiles(folder, "sink-*"))
        {
            for (var rest = File.ReadAllBytes(path).AsSpan(); rest.Length >= sizeof(long); rest = rest[sizeof(long)..])
            {
                var id = BinaryPrimitives.ReadInt64LittleEndian(rest);
                delivered[id] = delivered.GetValueOrDefault(id) + 1;
            }
        }

        return delivered;
    }
}
