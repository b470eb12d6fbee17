using System.Diagnostics.CodeAnalysis;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>The two steps of stopping an exporter.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Sources without a timer or a wait handle hold nothing.")]
internal sealed class ShutdownTokens
{
    private readonly CancellationTokenSource _hurry = new();
    private readonly CancellationTokenSource _end = new();

    /// <summary>Fires when stopping begins: nobody waits without need any more.</summary>
    public CancellationToken Hurry => _hurry.Token;

    /// <summary>Fires when the time for draining is over: attempts are given up.</summary>
    public CancellationToken End => _end.Token;

    public void BeginStopping() => _hurry.Cancel();

    public void EndNow() => _end.Cancel();
}
