using System.Text;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Standard output, standard error and files, which are continued. Lines have neither time nor level in front.</summary>
/// <param name="paths">Where to.</param>
internal sealed class StreamDestination(IReadOnlyList<string> paths) : IDebugDestination
{
    private readonly List<Stream> _streams = [];

    /// <inheritdoc/>
    public void Open()
    {
        foreach (var path in paths)
        {
            _streams.Add(path switch
            {
                DebugConfig.Stdout => Console.OpenStandardOutput(),
                DebugConfig.Stderr => Console.OpenStandardError(),

                // Unbuffered: text that could not be written must not come again with the next.
                _ => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0),
            });
        }
    }

    /// <inheritdoc/>
    public void WriteSummary(in BatchSummary summary)
    {
        var line = new StringBuilder(summary.Title).Append("\t{");
        for (var i = 0; i < summary.Count - 1; i++)
        {
            line.Append(i == 0 ? "\"" : ", \"").Append(summary[i].Key).Append("\": ").Append(summary[i].Value);
        }

        WriteText(Encoding.UTF8.GetBytes(line.Append("}\n").ToString()));
    }

    /// <inheritdoc/>
    public void WriteText(ReadOnlySpan<byte> lines)
    {
        foreach (var stream in _streams)
        {
            stream.Write(lines);
            stream.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var stream in _streams)
        {
            stream.Dispose();
        }

        _streams.Clear();
    }
}
