using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>Thins repeated logs: per level and template and tick, the first ones, then one in every so many.</summary>
/// <remarks>Not thread-safe: the caller holds the lock of the output.</remarks>
/// <param name="sampling">How many.</param>
/// <param name="time">The clock.</param>
internal sealed class LogSampler(LogSampling sampling, TimeProvider time)
{
    // Templates are constants in practice; the bound is for logs whose template is not.
    private const int TemplatesMax = 4096;

    private readonly Dictionary<(LogLevel Level, string Template), int> _counts = [];
    private long _tickStart = time.GetTimestamp();

    /// <summary>Whether the log is to be written.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="template">Its message before values are filled in.</param>
    public bool Takes(LogLevel level, string template)
    {
        if (time.GetElapsedTime(_tickStart) >= sampling.Tick || _counts.Count >= TemplatesMax)
        {
            _tickStart = time.GetTimestamp();
            _counts.Clear();
        }

        var key = (level, template);
        var count = _counts.GetValueOrDefault(key) + 1;
        _counts[key] = count;
        return count <= sampling.Initial
            || (sampling.Thereafter > 0 && (count - sampling.Initial) % sampling.Thereafter == 0);
    }
}
