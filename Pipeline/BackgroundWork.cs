using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline;

/// <summary>
/// Runs the background work of one component: loops, periodic work, timers and single tasks. An exception never ends the
/// work: it is counted in <c>otelcol_background_failures</c>, logged, shown in the component's status, and the work starts
/// again after a back-off. The status recovers with the next run that completes.
/// </summary>
/// <remarks>Thread-safe. The only place where a component starts a thread, a task or a timer.</remarks>
public sealed class BackgroundWork
{
    private readonly ILogger _logger;
    private readonly MetricRegistry _metrics;
    private readonly TimeProvider _time;
    private readonly string _kind;
    private readonly string _component;
    private readonly Action<string, string?> _reportFault;

    /// <summary>The background work of a component.</summary>
    /// <param name="context">The component's context.</param>
    public BackgroundWork(ComponentContext context)
        : this(context.Loggers.CreateLogger<BackgroundWork>(), context.Metrics, context.Time, context.Kind, context.Id.ToString(), context.ReportFault)
    {
    }

    /// <summary>Background work outside the pipelines.</summary>
    /// <param name="logger">Takes a line for a failure, at most one in ten seconds for each loop.</param>
    /// <param name="metrics">Takes the counter of failures.</param>
    /// <param name="time">The clock.</param>
    /// <param name="kind">The label <c>kind</c>: receiver, processor, exporter, connector, extension or service.</param>
    /// <param name="component">The label <c>component</c>.</param>
    /// <param name="reportFault">Takes the name of a loop and why it failed; null once it works again.</param>
    public BackgroundWork(
        ILogger logger, MetricRegistry metrics, TimeProvider time, string kind, string component, Action<string, string?> reportFault)
    {
        _logger = logger;
        _metrics = metrics;
        _time = time;
        _kind = kind;
        _component = component;
        _reportFault = reportFault;
    }

    /// <summary>Creates the record of a loop, for code that catches its failures itself.</summary>
    /// <param name="loop">The label <c>loop</c>, from a closed set.</param>
    /// <param name="instance">Tells several loops of that name apart in logs and status; empty for the only one.</param>
    public BackgroundLoop Watch(string loop, string instance = "") => new(
        instance.Length == 0 ? loop : $"{loop} {instance}",
        _logger,
        _time,
        _metrics.Counter(
            "otelcol_background_failures",
            "Unexpected errors in background work, which started again afterwards, by loop.",
            ("kind", _kind), ("component", _component), ("loop", loop)),
        _reportFault);

    /// <summary>Runs a step again and again on the thread pool.</summary>
    /// <param name="loop">The label <c>loop</c>.</param>
    /// <param name="step">One round; false ends the loop.</param>
    /// <param name="stop">Ends the loop; the step may throw <see cref="OperationCanceledException"/> then.</param>
    /// <param name="instance">Tells several loops of that name apart.</param>
    /// <returns>Completes when the loop has ended; never fails.</returns>
    public Task RepeatAsync(string loop, Func<CancellationToken, ValueTask<bool>> step, CancellationToken stop, string instance = "")
    {
        var record = Watch(loop, instance);
        return Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested && await TryStepAsync(record, step, stop).ConfigureAwait(false))
                {
                }
            },
            CancellationToken.None);
    }

    /// <summary>Runs a step at an interval.</summary>
    /// <param name="loop">The label <c>loop</c>.</param>
    /// <param name="interval">Time between two steps; a step that takes longer delays the next.</param>
    /// <param name="step">One round; false ends the loop.</param>
    /// <param name="stopped">Ends the loop when it completes.</param>
    /// <returns>Completes when the loop has ended; never fails.</returns>
    public async Task RepeatEveryAsync(string loop, TimeSpan interval, Func<ValueTask<bool>> step, Task stopped)
    {
        var record = Watch(loop);
        using var timer = new PeriodicTimer(interval, _time);
        while (true)
        {
            var tick = timer.WaitForNextTickAsync().AsTask();
            if (await Task.WhenAny(tick, stopped).ConfigureAwait(false) != tick)
            {
                return;
            }

            try
            {
                if (!await step().ConfigureAwait(false))
                {
                    return;
                }

                record.Succeeded();
            }
            catch (Exception e)
            {
                var backoff = record.Failed(e);
                if (backoff > interval)
                {
                    using var endOfWait = new CancellationTokenSource();
                    await Task.WhenAny(Task.Delay(backoff - interval, _time, endOfWait.Token), stopped).ConfigureAwait(false);
                    await endOfWait.CancelAsync().ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Runs a task once on the thread pool.</summary>
    /// <param name="loop">The label <c>loop</c>.</param>
    /// <param name="work">The work.</param>
    /// <returns>Completes with the work; never fails.</returns>
    public Task RunAsync(string loop, Func<Task> work)
    {
        var record = Watch(loop);
        return Task.Run(() => ObserveAsync(record, work), CancellationToken.None);
    }

    /// <summary>Creates a timer. After a failed callback it fires again when the back-off is over, also where it has no period.</summary>
    /// <param name="loop">The label <c>loop</c>.</param>
    /// <param name="callback">What it does. Must be safe to run again, and to overlap where it takes longer than the period.</param>
    /// <param name="dueTime">When it first fires.</param>
    /// <param name="period">Time between two firings; infinite for none.</param>
    public ITimer CreateTimer(string loop, Action callback, TimeSpan dueTime, TimeSpan period) =>
        Watch(loop).CreateTimer(callback, dueTime, period);

    /// <summary>
    /// Creates a timer that looks at something again and again. The interval begins anew after each run: of what was missed
    /// while the machine slept or a run took long, one run makes up for all.
    /// </summary>
    /// <param name="loop">What the timer does, as operators read it.</param>
    /// <param name="callback">One run.</param>
    /// <param name="interval">From the end of one run to the next.</param>
    public ITimer CreateWatch(string loop, Action callback, TimeSpan interval) =>
        Watch(loop).CreateTimer(callback, interval, interval, skipsMissed: true);

    private async Task<bool> TryStepAsync(BackgroundLoop record, Func<CancellationToken, ValueTask<bool>> step, CancellationToken stop)
    {
        try
        {
            var goesOn = await step(stop).ConfigureAwait(false);
            record.Succeeded();
            return goesOn;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            await Task.Delay(record.Failed(e), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        }
    }

    private static async Task ObserveAsync(BackgroundLoop record, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            record.Succeeded();
        }
        catch (Exception e)
        {
            record.Failed(e);
        }
    }
}
