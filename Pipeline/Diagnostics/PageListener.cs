using System.Net;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>
/// Keeps a <see cref="PageServer"/> of a component in pipelines listening. Where the address is taken the component does
/// its other work, says so in its status, and tries again every second: on a reload its predecessor may still
/// listen there.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="context">The component's surroundings.</param>
public sealed class PageListener(PageServer server, ComponentContext context)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _trying = Task.CompletedTask;

    /// <summary>The address it listens on; null while it does not.</summary>
    public IPEndPoint? Address => server.Address;

    /// <summary>Begins to listen, or to try.</summary>
    /// <param name="cancellation">The start is given up.</param>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (!await TryAsync(cancellation).ConfigureAwait(false))
        {
            _trying = context.Background.RepeatEveryAsync("page_listener", Interval, RetryAsync, _stopping.Task);
        }
    }

    /// <summary>Stops listening and trying. Safe without a start and when called twice.</summary>
    /// <param name="cancellation">Running requests are cut off.</param>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _stopping.TrySetResult();
        await _trying.ConfigureAwait(false);
        await server.StopAsync(cancellation).ConfigureAwait(false);
    }

    private async ValueTask<bool> RetryAsync()
    {
        if (!await TryAsync(CancellationToken.None).ConfigureAwait(false))
        {
            return true;
        }

        context.ReportStatus(ComponentStatus.OK, "");
        return false;
    }

    private async Task<bool> TryAsync(CancellationToken cancellation)
    {
        try
        {
            await server.StartAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (ComponentStartException e)
        {
            context.ReportStatus(ComponentStatus.RecoverableError, e.Message);
            return false;
        }
    }
}
