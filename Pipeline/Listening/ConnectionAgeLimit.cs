using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>
/// Asks a connection to end once it is old enough (GOAWAY, <c>Connection: close</c>), so that clients behind a load
/// balancer spread again; after the grace it is cut.
/// </summary>
internal sealed class ConnectionAgeLimit(TimeSpan age, TimeSpan? grace, TimeProvider time)
{
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        var closeTimer = time.CreateTimer(
            static state => ((IConnectionLifetimeNotificationFeature?)state)?.RequestClose(),
            closing, age, Timeout.InfiniteTimeSpan);
        var cutTimer = grace is { } extra
            ? time.CreateTimer(static state => ((ConnectionContext)state!).Abort(), connection, age + extra, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            await closeTimer.DisposeAsync().ConfigureAwait(false);
            if (cutTimer is not null)
            {
                await cutTimer.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
