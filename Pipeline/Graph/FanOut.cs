using System.Runtime.ExceptionServices;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>
/// Offers each batch to every branch, even when one refuses, and combines the answers. Branches run one after the
/// other as long as they answer at once; those that wait are awaited together.
/// </summary>
/// <remarks>
/// Every branch but the last gets a fork of its own, disposed of when the branch has answered: a batch belongs to one
/// thread at a time, and a branch that waits may still read it while the next one runs or changes it. The last branch
/// has the caller's batch. With a single branch the graph leaves the fan-out away.
/// </remarks>
internal sealed class FanOut : IConsumer, IAdmission
{
    private readonly string _name;
    private readonly FanOutBranch[] _branches;
    private readonly FanOutMode _mode;
    private readonly MetricRegistry _metrics;

    /// <summary>Branches two or more ways.</summary>
    /// <param name="name">Where the data comes from, as a metric label.</param>
    /// <param name="branches">The branches.</param>
    /// <param name="mode">What happens when one refuses.</param>
    /// <param name="metrics">Where refusals are counted.</param>
    public FanOut(string name, FanOutBranch[] branches, FanOutMode mode, MetricRegistry metrics)
    {
        _name = name;
        _branches = branches;
        _mode = mode;
        _metrics = metrics;
    }

    /// <inheritdoc/>
    /// <remarks><c>at_least_once</c>: refuses when a branch would; <c>isolate</c>: when all would.</remarks>
    public ConsumeResult Admit(Signal signal)
    {
        var refusal = ConsumeResult.Accepted;
        foreach (var branch in _branches)
        {
            var answer = branch.Admit(signal);
            if (answer.IsAccepted == (_mode == FanOutMode.Isolate))
            {
                return answer;
            }

            refusal = answer;
        }

        return refusal;
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        var sum = new FanOutAnswer(_mode);
        Pending[]? pending = null;
        for (var i = 0; i < _branches.Length; i++)
        {
            var isLast = i == _branches.Length - 1;
            var share = isLast ? batch : batch.Fork();
            ValueTask<ConsumeResult> answer;
            try
            {
                answer = _branches[i].Target.ConsumeAsync(share, cancellation);
            }
            catch (Exception e)
            {
                // A bug in one branch must not keep the data from the others; it is thrown when all have answered.
                answer = ValueTask.FromException<ConsumeResult>(e);
            }

            if (answer.IsCompletedSuccessfully)
            {
                Take(ref sum, i, answer.Result, share);
                if (!isLast)
                {
                    share.Dispose();
                }
            }
            else
            {
                pending ??= new Pending[_branches.Length];
                pending[i] = new Pending(share, answer);
            }
        }

        return pending is null ? new(sum.Combined()) : AwaitAsync(pending, sum);
    }

    private void Take(ref FanOutAnswer sum, int branch, in ConsumeResult answer, OtlpBatch share)
    {
        if (!answer.IsAccepted)
        {
            _branches[branch].CountRefusal(answer, share, _name, _metrics);
        }

        sum.Add(answer);
    }

    private async ValueTask<ConsumeResult> AwaitAsync(Pending[] pending, FanOutAnswer sum)
    {
        ExceptionDispatchInfo? bug = null;
        for (var i = 0; i < pending.Length; i++)
        {
            if (pending[i].Share is not { } share)
            {
                continue;
            }

            try
            {
                var answer = await pending[i].Answer.ConfigureAwait(false);
                Take(ref sum, i, answer, share);
            }
            catch (Exception e)
            {
                bug ??= ExceptionDispatchInfo.Capture(e);
            }

            if (i < pending.Length - 1)
            {
                share.Dispose();
            }
        }

        bug?.Throw();
        return sum.Combined();
    }

    private readonly record struct Pending(OtlpBatch? Share, ValueTask<ConsumeResult> Answer);
}
