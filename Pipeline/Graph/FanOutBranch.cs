using System.Collections.Concurrent;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>One of several takers of the same data.</summary>
/// <param name="name">The pipeline or component, as a metric label.</param>
/// <param name="target">What takes the batches.</param>
internal sealed class FanOutBranch(string name, IConsumer target)
{
    // Reasons come from a closed set, so this stays small.
    private readonly ConcurrentDictionary<(string Reason, ConsumeOutcome Outcome), Counter> _refused = [];

    /// <summary>The pipeline or component, as a metric label.</summary>
    public string Name => name;

    /// <summary>What takes the batches.</summary>
    public IConsumer Target => target;

    /// <summary>Whether the branch would take a batch now.</summary>
    /// <param name="signal">What the batch would carry.</param>
    public ConsumeResult Admit(Signal signal) =>
        target is IAdmission admission ? admission.Admit(signal) : ConsumeResult.Accepted;

    /// <summary>Counts what the branch did not take.</summary>
    /// <param name="result">Its answer.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="source">The fan-out's name, as a metric label.</param>
    /// <param name="metrics">Where to count.</param>
    public void CountRefusal(in ConsumeResult result, OtlpBatch batch, string source, MetricRegistry metrics)
    {
        var key = (result.Reason, result.Outcome);
        if (!_refused.TryGetValue(key, out var counter))
        {
            counter = metrics.Counter(
                "otelcol_fanout_refused_items",
                "Spans, data points and log records that one of several branches did not take.",
                ("from", source),
                ("to", name),
                ("outcome", result.Outcome == ConsumeOutcome.Retry ? "retry" : "rejected"),
                ("reason", result.Reason));
            _refused[key] = counter;
        }

        counter.Add(result.Outcome == ConsumeOutcome.Retry ? batch.ItemCount : result.RejectedCount);
    }
}
