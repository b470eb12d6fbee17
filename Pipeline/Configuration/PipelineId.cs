using System.Diagnostics.CodeAnalysis;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>The id of a pipeline: <c>signal</c> or <c>signal/name</c>.</summary>
/// <param name="Signal">What it carries.</param>
/// <param name="Name">Which one; empty for the only one.</param>
public readonly record struct PipelineId(Signal Signal, string Name)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Name.Length == 0 ? Signal.PipelineName() : $"{Signal.PipelineName()}/{Name}";

    /// <summary>Reads an id.</summary>
    /// <param name="text">The key in the configuration.</param>
    /// <param name="id">The id.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryParse(string text, out PipelineId id, [NotNullWhen(false)] out string? error)
    {
        id = default;
        if (!ComponentId.TryParse(text, out var parsed, out error))
        {
            return false;
        }

        foreach (var signal in SignalNames.All)
        {
            if (signal.PipelineName() == parsed.Type)
            {
                id = new PipelineId(signal, parsed.Name);
                return true;
            }
        }

        error = parsed.Type == "profiles"
            ? "the profiles signal is not supported by this build: use traces, metrics or logs"
            : "the signal must be one of traces, metrics, logs";
        return false;
    }
}
