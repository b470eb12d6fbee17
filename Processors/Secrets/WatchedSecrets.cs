using System.IO.Hashing;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Processors.Secrets;

/// <summary>Takes over the content of a file that has changed.</summary>
/// <param name="file">The file.</param>
/// <param name="content">Its content; cleared afterwards.</param>
/// <returns>Why it cannot be used, as a sentence for an operator; null when it is in use.</returns>
internal delegate string? SecretTaker(string file, ReadOnlySpan<byte> content);

/// <summary>Files that hold keys or salts, looked at every two seconds for other content.</summary>
/// <remarks>Looks at the content rather than at file events, which a file swapped behind a symbolic link does not send.</remarks>
internal sealed partial class WatchedSecrets : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly int _bytesMax;
    private readonly SecretTaker _take;
    private readonly BackgroundWork _background;
    private readonly ILogger _log;
    private readonly List<Watched> _files = [];
    private readonly Lock _looking = new();
    private ITimer? _timer;

    /// <summary>Watches nothing before its start.</summary>
    /// <param name="files">The files; each once.</param>
    /// <param name="bytesMax">Content longer than this is refused.</param>
    /// <param name="take">Takes over changed content; called by one thread at a time.</param>
    /// <param name="context">The processor's surroundings.</param>
    /// <param name="metric">The counter of changes, with labels for file and outcome.</param>
    public WatchedSecrets(IEnumerable<string> files, int bytesMax, SecretTaker take, ComponentContext context, string metric)
    {
        const string Help = "Changed files that were read again, by outcome.";
        _bytesMax = bytesMax;
        _take = take;
        _background = context.Background;
        _log = context.Loggers.CreateLogger<WatchedSecrets>();
        var processor = ("processor", context.Id.ToString());
        foreach (var file in new SortedSet<string>(files, StringComparer.Ordinal))
        {
            _files.Add(new Watched(
                file,
                context.Metrics.Counter(metric, Help, processor, ("file", file), ("outcome", "success")),
                context.Metrics.Counter(metric, Help, processor, ("file", file), ("outcome", "failure"))));
        }
    }

    /// <summary>Told, whenever a file has changed, what is wrong with one of them; null where nothing is.</summary>
    public Action<string?>? Report { get; init; }

    /// <summary>
    /// Remembers what the files hold now and begins to watch. Call it before they are read: what changes in between is
    /// read once more.
    /// </summary>
    public void Start()
    {
        foreach (var file in _files)
        {
            var content = TryRead(file.Path, _bytesMax, out _);
            file.Seen = Fingerprint(content);
            CryptographicOperations.ZeroMemory(content);
        }

        if (_files.Count > 0)
        {
            _timer ??= _background.CreateWatch("secret_watch", Look, Interval);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bytesMax">Content longer than this is refused.</param>
    /// <param name="problem">Why it cannot be read.</param>
    /// <returns>Its content; null when it cannot be read.</returns>
    public static byte[]? TryRead(string file, int bytesMax, out string? problem)
    {
        problem = null;
        try
        {
            return BoundedFile.ReadAllBytes(file, bytesMax);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = e.Message;
        }

        return null;
    }

    /// <summary>Looks whether files have changed, and takes over what is right.</summary>
    internal void Look()
    {
        if (!_looking.TryEnter())
        {
            return;
        }

        try
        {
            foreach (var file in _files)
            {
                Look(file);
            }
        }
        finally
        {
            _looking.Exit();
        }
    }

    private static ulong Fingerprint(byte[]? content) => content is null ? 0 : XxHash64.HashToUInt64(content) | 1;

    private void Look(Watched file)
    {
        var content = TryRead(file.Path, _bytesMax, out var problem);
        var seen = Fingerprint(content);
        if (seen == file.Seen)
        {
            return;
        }

        // A refused content is reported once, not at every look.
        file.Seen = seen;
        problem = content is null ? problem : Take(file.Path, content);
        CryptographicOperations.ZeroMemory(content);
        file.Problem = problem is null ? null : $"{file.Path}: {problem}";
        if (problem is null)
        {
            file.Reloads.Add(1);
            LogReloaded(file.Path);
        }
        else
        {
            file.FailedReloads.Add(1);
            LogKept(file.Path, problem);
        }

        Report?.Invoke(_files.Find(static f => f.Problem is not null)?.Problem);
    }

    private string? Take(string file, byte[] content)
    {
        try
        {
            return _take(file, content);
        }
        catch (Exception e)
        {
            // Content that the parser cannot handle is refused like any other, and the next file is still looked at.
            return $"unexpected error: {e.GetType().Name}: {e.Message}";
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} reloaded")]
    private partial void LogReloaded(string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reload of {File} failed; keeping the previous content: {Problem}")]
    private partial void LogKept(string file, string problem);

    private sealed class Watched(string path, Counter reloads, Counter failedReloads)
    {
        public string Path { get; } = path;

        public Counter Reloads { get; } = reloads;

        public Counter FailedReloads { get; } = failedReloads;

        public ulong Seen { get; set; }

        public string? Problem { get; set; }
    }
}
