using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>Makes one answer of those of several branches.</summary>
/// <param name="mode">What happens when one refuses.</param>
internal struct FanOutAnswer(FanOutMode mode)
{
    private ConsumeResult _retry;
    private ConsumeResult _rejected;
    private bool _anyAccepted;

    /// <summary>Takes note of a branch's answer.</summary>
    /// <param name="answer">The answer.</param>
    public void Add(in ConsumeResult answer)
    {
        switch (answer.Outcome)
        {
            case ConsumeOutcome.Accepted:
                _anyAccepted = true;
                break;
            case ConsumeOutcome.Retry:
                // The first reason, and the longest wait.
                var after = _retry.RetryAfter > answer.RetryAfter ? _retry.RetryAfter : answer.RetryAfter;
                _retry = (_retry.IsAccepted ? answer : _retry) with { RetryAfter = after };
                break;
            default:
                // Which items the branches refused is not known to be the same, so the sender gets the largest count.
                _rejected = answer.RejectedCount > _rejected.RejectedCount || _rejected.IsAccepted ? answer : _rejected;
                break;
        }
    }

    /// <summary>
    /// <c>at_least_once</c>: retry when any branch asks for it, else rejected when any branch does.
    /// <c>isolate</c>: accepted when any branch accepts, otherwise the same.
    /// </summary>
    public readonly ConsumeResult Combined()
    {
        if (mode == FanOutMode.Isolate && _anyAccepted)
        {
            return ConsumeResult.Accepted;
        }

        return !_retry.IsAccepted ? _retry : !_rejected.IsAccepted ? _rejected : ConsumeResult.Accepted;
    }
}
