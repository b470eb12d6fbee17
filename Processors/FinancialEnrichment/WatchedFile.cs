using System.IO.Hashing;
using System.Text;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>Reads a file's content; a problem is a sentence for an operator.</summary>
/// <typeparam name="T">What the file becomes.</typeparam>
/// <param name="text">The content.</param>
/// <param name="file">The file's name.</param>
/// <param name="problem">What is wrong with it; null when all is well.</param>
internal delegate T? FileParser<T>(string text, string file, out string? problem);

/// <summary>A file that is read again when its content changes; content that cannot be used leaves the former in place.</summary>
/// <remarks>Looks at the content rather than at file events, which a file swapped behind a symbolic link does not send.</remarks>
/// <typeparam name="T">What the file becomes.</typeparam>
internal sealed partial class WatchedFile<T> : IDisposable
    where T : class
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // Reading takes time: a large file is looked at less often, a second later for each of so many characters.
    private const int CharsPerSecond = 1 << 20;

    private readonly string _path;
    private readonly int _bytesMax;
    private readonly FileParser<T> _parse;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly Counter _reloads;
    private readonly Counter _failedReloads;
    private readonly Lock _looking = new();
    private ulong _seen;
    private long _lookedAt;
    private TimeSpan _pause;
    private ITimer? _timer;
    private volatile T? _current;

    public WatchedFile(string path, int bytesMax, FileParser<T> parse, ComponentContext context)
    {
        const string Metric = "otelcol_processor_financial_enrichment_file_reloads";
        const string Help = "Changed files that were read again, by outcome.";
        _path = path;
        _bytesMax = bytesMax;
        _parse = parse;
        _time = context.Time;
        _background = context.Background;
        _log = context.Loggers.CreateLogger<WatchedFile<T>>();
        var processor = context.Id.ToString();
        _reloads = context.Metrics.Counter(Metric, Help, ("processor", processor), ("file", path), ("outcome", "success"));
        _failedReloads = context.Metrics.Counter(Metric, Help, ("processor", processor), ("file", path), ("outcome", "failure"));
    }

    /// <summary>What the file held when it was last right; null before <see cref="Start"/>.</summary>
    public T? Current => _current;

    /// <summary>Reads the file and begins to watch it.</summary>
    /// <exception cref="ComponentStartException">The file cannot be read or is not right.</exception>
    public void Start()
    {
        if (!TryRead(out var text, out var problem) || (_current = _parse(text, _path, out problem)) is null)
        {
            throw new ComponentStartException($"cannot use {_path}: {problem}");
        }

        _seen = Fingerprint(text);
        _pause = PauseAfter(text);
        _lookedAt = _time.GetTimestamp();
        _timer ??= _background.CreateWatch("file_watch", Look, Interval);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Looks whether the file has changed, and takes over what is right.</summary>
    internal void Look()
    {
        if (!_looking.TryEnter())
        {
            return;
        }

        try
        {
            if (_time.GetElapsedTime(_lookedAt) < _pause)
            {
                return;
            }

            _lookedAt = _time.GetTimestamp();
            var readable = TryRead(out var text, out var problem);
            var seen = readable ? Fingerprint(text) : 0;
            if (seen == _seen)
            {
                return;
            }

            _pause = PauseAfter(text);

            // A refused content is reported once, not at every look.
            _seen = seen;
            if (readable && TryParse(text, out problem) is { } changed)
            {
                _current = changed;
                _reloads.Add(1);
                LogReloaded(_path);
                return;
            }

            _failedReloads.Add(1);
            LogKept(_path, problem ?? "");
        }
        finally
        {
            _looking.Exit();
        }
    }

    private static TimeSpan PauseAfter(string text) => TimeSpan.FromSeconds(text.Length / CharsPerSecond);

    private static ulong Fingerprint(string text) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text)) | 1;

    // Content that the parser cannot handle is refused like any other.
    private T? TryParse(string text, out string? problem)
    {
        try
        {
            return _parse(text, _path, out problem);
        }
        catch (Exception e)
        {
            problem = $"unexpected error: {e.GetType().Name}: {e.Message}";
            return null;
        }
    }

    private bool TryRead(out string text, out string? problem)
    {
        text = "";
        problem = null;
        try
        {
            var length = new FileInfo(_path).Length;
            if (length > _bytesMax)
            {
                problem = $"it has {length} bytes, at most {_bytesMax} are read";
                return false;
            }

            text = BoundedFile.ReadAllText(_path, _bytesMax);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = e.Message;
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} reloaded")]
    private partial void LogReloaded(string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reload of {File} failed; keeping the previous content: {Problem}")]
    private partial void LogKept(string file, string problem);
}
