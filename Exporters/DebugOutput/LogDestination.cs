using System.Text;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>The collector's own log, at level <c>info</c>.</summary>
/// <param name="log">The exporter's logger.</param>
internal sealed class LogDestination(ILogger log) : IDebugDestination
{
    /// <inheritdoc/>
    public void Open()
    {
    }

    /// <inheritdoc/>
    public void WriteSummary(in BatchSummary summary) =>
        log.Log(LogLevel.Information, default, summary, null, static (s, _) => s.Title);

    /// <inheritdoc/>
    public void WriteText(ReadOnlySpan<byte> lines)
    {
        if (log.IsEnabled(LogLevel.Information))
        {
            log.Log(LogLevel.Information, default, new VerbatimText(Encoding.UTF8.GetString(lines)), null, static (t, _) => t.Text);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
