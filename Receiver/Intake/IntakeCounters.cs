using System.Collections.Concurrent;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>What a receiver counts about one signal over one transport, one method an event.</summary>
internal sealed class IntakeCounters
{
    private readonly ConcurrentDictionary<string, Counter> _refusals = new(StringComparer.Ordinal);
    private readonly Func<string, Counter> _createRefusal;
    private readonly Counter[] _invalid;
    private readonly Counter _accepted;
    private readonly Counter _refused;
    private readonly Counter _failed;
    private readonly Counter _success;
    private readonly Counter _refusal;
    private readonly Counter _failure;

    public IntakeCounters(Signal signal, string transport, ComponentContext context)
    {
        var metrics = context.Metrics;
        var receiver = context.Id.ToString();
        var items = signal.ItemName();
        _accepted = Items("accepted", "Items forwarded to the pipelines.");
        _refused = Items("refused", "Items that the pipelines did not take.");
        _failed = Items("failed", "Items not accepted because a component threw.");
        _success = Requests("success");
        _refusal = Requests("refused");
        _failure = Requests("failure");

        // The reasons are a closed set, so the map is bounded.
        _createRefusal = reason => metrics.Counter(
            "otelcol_receiver_refusals",
            "Requests not taken, or not in full, by reason.",
            ("receiver", receiver), ("transport", transport), ("signal", signal.PipelineName()), ("reason", reason));

        _invalid = Array.ConvertAll(
            RefusedItems.Labels[1..].ToArray(),
            reason => metrics.Counter(
                "otelcol_receiver_invalid_items",
                "Items of well-formed requests that cannot be represented, by reason. They are among the refused items.",
                ("receiver", receiver), ("transport", transport), ("signal", signal.PipelineName()), ("reason", reason)));

        Counter Items(string what, string help) =>
            metrics.Counter($"otelcol_receiver_{what}_{items}", help, ("receiver", receiver), ("transport", transport));

        Counter Requests(string outcome) => metrics.Counter(
            "otelcol_receiver_requests", "Requests by outcome.",
            ("receiver", receiver), ("transport", transport), ("outcome", outcome));
    }

    /// <summary>A request was taken in full.</summary>
    public void Accepted(int itemCount)
    {
        _accepted.Add(itemCount);
        _success.Add(1);
    }

    /// <summary>A request was not taken; it may come again.</summary>
    /// <param name="reason">A label.</param>
    /// <param name="itemCount">Its items; 0 where it was refused before it was read.</param>
    public void Refused(string reason, int itemCount)
    {
        _refused.Add(itemCount);
        _refusal.Add(1);
        Refusal(reason);
    }

    /// <summary>A request was taken but for items that cannot be represented, and for those that the pipelines refused.</summary>
    /// <param name="reason">A label: why the pipelines refused items, or the items' own.</param>
    /// <param name="acceptedCount">Items that the pipelines took.</param>
    /// <param name="rejectedCount">Items that the pipelines refused.</param>
    /// <param name="refused">What cannot be represented.</param>
    public void PartlyRefused(string reason, int acceptedCount, int rejectedCount, RefusedItems? refused)
    {
        _accepted.Add(acceptedCount);
        _refused.Add(rejectedCount + (refused?.Count ?? 0));
        (acceptedCount > 0 ? _success : _refusal).Add(1);
        Refusal(reason);
        for (var i = 0; i < _invalid.Length && refused is not null; i++)
        {
            _invalid[i].Add(refused.CountOf((ItemProblem)(i + 1)));
        }
    }

    /// <summary>A request could not be understood.</summary>
    /// <param name="reason">A label.</param>
    public void Failed(string reason)
    {
        _failure.Add(1);
        Refusal(reason);
    }

    /// <summary>The pipeline broke on a request.</summary>
    public void FailedInside(int itemCount)
    {
        _failed.Add(itemCount);
        _failure.Add(1);
        Refusal("internal_error");
    }

    private void Refusal(string reason) => _refusals.GetOrAdd(reason, _createRefusal).Add(1);
}
