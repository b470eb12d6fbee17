using System.Buffers;
using System.Linq;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>
/// Writes the collector's logs. It stands in for the usual logger factory with its filters, options and providers,
/// which cost more at the start than the rest of the collector. Thread-safe.
/// </summary>
internal sealed class CollectorLogs : ILoggerFactory
{
    private static readonly string[] FrameworkPrefixes = ["Microsoft.", "System.", "Grpc."];

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Func<LogOutput, Stream> _open;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    // Guarded by _lock, but for the level, which is read before.
    private Stream[] _outputs = [];
    private TelemetryConfig _settings = new();
    private KeyValuePair<string, object?>[] _fields = [];
    private LogSampler? _sampler;
    private volatile LogLevel _level;

    /// <summary>Logs with the settings of an empty configuration.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="open">Opens an output; the standard streams by default.</param>
    public CollectorLogs(TimeProvider time, Func<LogOutput, Stream>? open = null)
    {
        _time = time;
        _open = open ?? (static o => o == LogOutput.Stdout ? Console.OpenStandardOutput() : Console.OpenStandardError());
        Apply(new TelemetryConfig());
    }

    /// <summary>Uses other settings from now on.</summary>
    /// <param name="settings">The settings.</param>
    public void Apply(TelemetryConfig settings)
    {
        lock (_lock)
        {
            _settings = settings;
            _outputs = [.. settings.LogOutputs.Select(_open)];
            _fields = [.. settings.LogFields.Select(static f => new KeyValuePair<string, object?>(f.Key, f.Value))];
            _sampler = settings.LogSampling is { } sampling ? new LogSampler(sampling, _time) : null;
            _level = settings.LogLevel;
        }
    }

    /// <summary>The loggers of a component; each line names it.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="pipeline">Its pipeline; empty where pipelines share it.</param>
    public ILoggerFactory Of(ComponentKind kind, ComponentId id, string pipeline) =>
        new ComponentLogs(this, kind, id, pipeline);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) =>
        new CollectorLogger(this, categoryName, categoryName[(categoryName.LastIndexOf('.') + 1)..], []);

    /// <summary>Not used: there is one provider, this.</summary>
    /// <param name="provider">Ignored by refusal.</param>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("logs have one destination");

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private bool IsEnabled(string category, LogLevel level) => level != LogLevel.None && level >= _level
        && (level >= LogLevel.Warning || !IsFramework(category));

    private static bool IsFramework(string category)
    {
        foreach (var prefix in FrameworkPrefixes)
        {
            if (category.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private void Write(
        string category, KeyValuePair<string, object?>[] component, LogLevel level, string? template, string message,
        IReadOnlyList<KeyValuePair<string, object?>>? values, Exception? exception)
    {
        lock (_lock)
        {
            // Without a template it is verbatim: shown as a component was asked to, and thinned out by itself.
            if (template is not null && _sampler is not null && !_sampler.Takes(level, template))
            {
                return;
            }

            _buffer.ResetWrittenCount();
            var line = new LogLine(_time.GetUtcNow(), level, category, message, FieldsOf(component, values), exception)
            {
                IsVerbatim = template is null,
            };
            if (_settings.LogAsJson)
            {
                line.WriteJson(_buffer);
            }
            else
            {
                line.WriteConsole(_buffer);
            }

            try
            {
                foreach (var output in _outputs)
                {
                    output.Write(_buffer.WrittenSpan);
                    output.Flush();
                }
            }
            catch (IOException)
            {
                // The reader of the pipe is gone; there is nowhere left to say so, and data must flow on.
            }
        }
    }

    private IEnumerable<KeyValuePair<string, object?>> FieldsOf(
        KeyValuePair<string, object?>[] component, IReadOnlyList<KeyValuePair<string, object?>>? values)
    {
        foreach (var field in _fields)
        {
            yield return field;
        }

        foreach (var field in component)
        {
            yield return field;
        }

        foreach (var field in values ?? [])
        {
            if (field.Key != CollectorLogger.TemplateKey)
            {
                yield return field;
            }
        }
    }

    private sealed class ComponentLogs(CollectorLogs logs, ComponentKind kind, ComponentId id, string pipeline) : ILoggerFactory
    {
        private readonly KeyValuePair<string, object?>[] _fields =
        [
            new("otelcol.component.id", id.ToString()),
            new("otelcol.component.kind", kind.Noun()),
            .. pipeline.Length == 0 ? default(ReadOnlySpan<KeyValuePair<string, object?>>) : [new("otelcol.pipeline.id", pipeline)],
        ];

        public ILogger CreateLogger(string categoryName) => new CollectorLogger(logs, categoryName, id.ToString(), _fields);

        public void AddProvider(ILoggerProvider provider) => logs.AddProvider(provider);

        public void Dispose()
        {
        }
    }

    private sealed class CollectorLogger(
        CollectorLogs logs, string category, string shown, KeyValuePair<string, object?>[] fields) : ILogger
    {
        /// <summary>Under which name source-generated logs keep their message before values are filled in.</summary>
        public const string TemplateKey = "{OriginalFormat}";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logs.IsEnabled(category, logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            if (state is VerbatimText)
            {
                logs.Write(shown, fields, logLevel, null, formatter(state, exception), [], exception);
                return;
            }

            var values = state as IReadOnlyList<KeyValuePair<string, object?>>;
            var message = formatter(state, exception);
            var template = values is { Count: > 0 } && values[^1] is { Key: TemplateKey, Value: string text } ? text : message;
            logs.Write(shown, fields, logLevel, template, message, values, exception);
        }
    }
}
