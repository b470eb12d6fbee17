using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Chooses the batches that are shown: in every second the first ones of each signal, then one in so many.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="config">How many.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchSampler(DebugConfig config, TimeProvider time)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly long[] _counts = new long[SignalNames.Count];
    private readonly long[] _tickStarts = new long[SignalNames.Count];

    /// <summary>Whether the next batch of a signal is shown.</summary>
    /// <param name="signal">The signal.</param>
    public bool Takes(Signal signal)
    {
        var index = (int)signal;
        var now = time.GetTimestamp();
        if (_counts[index] == 0 || time.GetElapsedTime(_tickStarts[index], now) >= Tick)
        {
            _tickStarts[index] = now;
            _counts[index] = 0;
        }

        var beyond = ++_counts[index] - config.SamplingInitial;
        return beyond <= 0 || (config.SamplingThereafter > 0 && beyond % config.SamplingThereafter == 0);
    }
}
