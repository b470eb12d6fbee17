using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Otlp.Json;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>The keys and values of a file. Immutable.</summary>
internal sealed class ValueTable
{
    private readonly FrozenDictionary<byte[], byte[]>.AlternateLookup<ReadOnlySpan<byte>> _values;

    private ValueTable(Dictionary<byte[], byte[]> values) =>
        _values = values.ToFrozenDictionary(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The value of a key.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var found = _values.TryGetValue(key, out var bytes);
        value = bytes;
        return found;
    }

    /// <summary>Reads a JSON object of texts and numbers.</summary>
    public static ValueTable? ParseJson(string text, string file, out string? problem)
    {
        if (!JsonDocuments.TryParse(Encoding.UTF8.GetBytes(text), out var document, out var fault))
        {
            problem = $"it is not valid JSON: {fault}";
            return null;
        }

        using var parsed = document;
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            problem = "it must hold one object of keys and values";
            return null;
        }

        var values = new Dictionary<byte[], byte[]>(Utf8Comparer.Instance);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False))
            {
                problem = $"the value of \"{property.Name}\" must be a text, a number or a boolean";
                return null;
            }

            values[Encoding.UTF8.GetBytes(property.Name)] = Encoding.UTF8.GetBytes(property.Value.ToString());
        }

        problem = null;
        return new ValueTable(values);
    }

    /// <summary>Reads CSV (RFC 4180): the columns named, or the first two of a file without a header.</summary>
    public static ValueTable? ParseCsv(string text, TableFileConfig config, out string? problem)
    {
        var values = new Dictionary<byte[], byte[]>(Utf8Comparer.Instance);
        var keyAt = 0;
        var valueAt = 1;
        var line = 0;
        var hasHeader = config.KeyColumn is not null;
        foreach (var row in new CsvRows(text))
        {
            line++;
            if (hasHeader && line == 1)
            {
                keyAt = row.IndexOf(config.KeyColumn!);
                valueAt = row.IndexOf(config.ValueColumn!);
                if (keyAt < 0 || valueAt < 0)
                {
                    problem = $"its header has no column \"{(keyAt < 0 ? config.KeyColumn : config.ValueColumn)}\"";
                    return null;
                }

                continue;
            }

            if (row.Count <= Math.Max(keyAt, valueAt))
            {
                problem = $"row {line} has {row.Count} columns, {Math.Max(keyAt, valueAt) + 1} are needed";
                return null;
            }

            values[Encoding.UTF8.GetBytes(row[keyAt])] = Encoding.UTF8.GetBytes(row[valueAt]);
        }

        problem = hasHeader && line == 0 ? "it has no header" : null;
        return problem is null ? new ValueTable(values) : null;
    }
}
