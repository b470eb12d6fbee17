using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Files;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Extensions.FileStorage;

/// <summary>Keeps sending queues in a directory: <c>{directory}/exporter_{id}_{signal}/</c>.</summary>
internal sealed partial class FileStorageExtension(ComponentContext context, FileStorageConfig config)
    : IExtension, IQueueStorage
{
    private const string AsideSuffix = ".aside";

    private readonly ILogger _logger = context.Loggers.CreateLogger($"extension {context.Id}");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            Prepare();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentStartException($"extension {context.Id}: cannot use directory {config.Directory}: {e.Message}", e);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<SegmentLogLease> OpenAsync(ComponentId owner, Signal signal)
    {
        var directory = Path.Combine(config.Directory, $"exporter_{SafeName(owner.ToString())}_{signal.PipelineName()}");
        var options = new SegmentLogOptions
        {
            Directory = directory,
            Owner = owner,
            Signal = signal,
            Fsync = config.Fsync,
            LockTimeout = config.Timeout,
            Time = context.Time,
            Background = context.Background,
            Logger = _logger,
            Metrics = context.Metrics,
        };
        try
        {
            return await SegmentLogLease.OpenAsync(options).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentStartException($"extension {context.Id}: cannot use directory {directory}: {e.Message}", e);
        }
        catch (ComponentStartException e) when (config.Recreate && e.InnerException is not null)
        {
            PutAside(directory, e);
            return await SegmentLogLease.OpenAsync(options).ConfigureAwait(false);
        }
    }

    // As the Collector names its files: what is not plainly safe becomes a tilde and its code in hexadecimal.
    internal static string SafeName(string name)
    {
        var safe = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            {
                safe.Append(c);
            }
            else
            {
                safe.Append('~').Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
            }
        }

        return safe.ToString();
    }

    private void Prepare()
    {
        if (config.CreateDirectory)
        {
            PrivateFile.CreateDirectory(config.Directory, config.DirectoryPermissions);
        }
        else if (!Directory.Exists(config.Directory))
        {
            throw new ComponentStartException(
                $"extension {context.Id}: directory {config.Directory} does not exist; create it, or set create_directory: true");
        }

        // Found out now rather than by the first batch.
        var probe = Path.Combine(config.Directory, ".probe");
        PrivateFile.Open(probe, FileMode.Create, FileAccess.Write, FileShare.Read).Dispose();
        File.Delete(probe);
    }

    // Nothing is deleted: an operator may still want to look.
    private void PutAside(string directory, Exception cause)
    {
        for (var i = 1; ; i++)
        {
            var aside = string.Create(CultureInfo.InvariantCulture, $"{directory}{AsideSuffix}{i}");
            if (!Directory.Exists(aside))
            {
                Directory.Move(directory, aside);
                LogPutAside(directory, aside, cause);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Queue in {Directory} cannot be opened; moved it to {Aside} and created a new one")]
    private partial void LogPutAside(string directory, string aside, Exception cause);
}
