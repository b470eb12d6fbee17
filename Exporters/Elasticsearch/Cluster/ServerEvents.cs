using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <summary>What the log says about the cluster.</summary>
/// <param name="log">The log.</param>
/// <param name="time">The clock.</param>
internal sealed partial class ServerEvents(ILogger log, TimeProvider time)
{
    private readonly LogThrottle _assumed = new(time);

    /// <summary>The cluster is known.</summary>
    /// <param name="version">What it is.</param>
    public void Connected(ServerVersion version) => LogConnected(log, version);

    /// <summary>The cluster does not tell what it is.</summary>
    /// <param name="message">What it says instead.</param>
    public void VersionAssumed(string message)
    {
        if (_assumed.TryPass(out _))
        {
            LogAssumed(log, message);
        }
    }

    /// <summary>The cluster has no templates of its own for these documents, and none are installed.</summary>
    /// <param name="version">What it is.</param>
    public void HasNoTemplates(ServerVersion version) => LogNoTemplates(log, version);

    /// <summary>Something was installed.</summary>
    /// <param name="what">Its path.</param>
    public void Installed(string what) => LogInstalled(log, what);

    /// <summary>Something could not be installed, and data goes without it.</summary>
    /// <param name="what">Its path.</param>
    /// <param name="message">Why.</param>
    public void NotInstalled(string what, string message) => LogNotInstalled(log, what, message);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "Connected to {Version}")]
    private static partial void LogConnected(ILogger log, ServerVersion version);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message =
        "Server version unknown ({ServerMessage}); assuming Elasticsearch 8.12")]
    private static partial void LogAssumed(ILogger log, string serverMessage);

    [LoggerMessage(EventId = 13, Level = LogLevel.Information, Message = "Installed {What}")]
    private static partial void LogInstalled(ILogger log, string what);

    [LoggerMessage(EventId = 14, Level = LogLevel.Error, Message =
        "Installing {What} failed ({ServerMessage}); sending data without it")]
    private static partial void LogNotInstalled(ILogger log, string what, string serverMessage);

    [LoggerMessage(EventId = 15, Level = LogLevel.Warning, Message = "{Version} has no built-in index templates for the mode otel; timestamps are indexed as text unless "
        + "templates::enabled is set")]
    private static partial void LogNoTemplates(ILogger log, ServerVersion version);
}
