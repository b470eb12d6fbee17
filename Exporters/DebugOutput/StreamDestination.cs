using System.Text;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Standard output, standard error and files, which are continued. Lines have neither time nor level in front.</summary>
/// <param name="paths">Where to.</param>
internal sealed class StreamDestination(IReadOnlyList<string> paths) : IDebugDestination
{
    private readonly List<Stream> _streams = [];
    private readonly List<AppendedFile> _files = [];

    /// <inheritdoc/>
    public void Open()
    {
        foreach (var path in paths)
        {
            switch (path)
            {
                case DebugConfig.Stdout:
                    _streams.Add(Console.OpenStandardOutput());
                    break;
                case DebugConfig.Stderr:
                    _streams.Add(Console.OpenStandardError());
                    break;
                default:
                    _files.Add(new AppendedFile(path, isEmptied: false));
                    break;
            }
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

        foreach (var file in _files)
        {
            // A moved file that cannot be replaced is still a place to write to.
            _ = file.ReopenIfMoved();
            file.Write(lines);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var stream in _streams)
        {
            stream.Dispose();
        }

        foreach (var file in _files)
        {
            file.Dispose();
        }

        _streams.Clear();
        _files.Clear();
    }
}
