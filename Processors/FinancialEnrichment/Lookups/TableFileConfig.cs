using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>A file of keys and values.</summary>
internal sealed record TableFileConfig
{
    /// <summary>The file: <c>.csv</c>, or <c>.json</c> with one object.</summary>
    public required string Path { get; init; }

    /// <summary>The CSV column of the keys; null for the first column of a file without a header.</summary>
    public string? KeyColumn { get; init; }

    /// <summary>The CSV column of the values; null for the second column of a file without a header.</summary>
    public string? ValueColumn { get; init; }

    /// <summary>Whether the file is JSON.</summary>
    public bool IsJson => Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="isUsed">Whether it is there at all.</param>
    public static TableFileConfig Read(ConfigSection section, bool isUsed)
    {
        var config = new TableFileConfig
        {
            Path = isUsed ? section.RequiredText("path") : section.Text("path", "")!,
            KeyColumn = section.Text("key_column"),
            ValueColumn = section.Text("value_column"),
        };
        if (config.Path.Length > 0 && !config.IsJson && !config.Path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
        {
            section.Error("path", $"must end in .csv or .json, got \"{config.Path}\"");
        }

        if ((config.KeyColumn is null) != (config.ValueColumn is null))
        {
            section.Error("", "must have both of \"key_column\" and \"value_column\", or neither");
        }

        if (config.KeyColumn is not null && config.IsJson)
        {
            section.Error("key_column", "is for CSV files only, remove it");
        }

        section.Finish();
        return config;
    }
}
