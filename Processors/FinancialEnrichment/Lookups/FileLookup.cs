using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>Values of a file, all of them known, read again when the file changes.</summary>
internal sealed class FileLookup : IValueLookup
{
    private const int FileBytesMax = 64 * 1024 * 1024;
    private readonly WatchedFile<ValueTable> _file;

    public FileLookup(TableFileConfig config, ComponentContext context) =>
        _file = new WatchedFile<ValueTable>(config.Path, FileBytesMax, ParserOf(config), context);

    /// <inheritdoc/>
    public void Start() => _file.Start();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public LookupAnswer Find(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        return _file.Current is { } table && table.TryGet(key, out value) ? LookupAnswer.Found : LookupAnswer.None;
    }

    private static FileParser<ValueTable> ParserOf(TableFileConfig config)
    {
        if (config.IsJson)
        {
            return ValueTable.ParseJson;
        }

        return (string text, string _, out string? problem) => ValueTable.ParseCsv(text, config, out problem);
    }
}
