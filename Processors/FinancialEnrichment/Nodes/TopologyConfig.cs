using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Nodes;

/// <summary>The section <c>topology</c>.</summary>
internal sealed record TopologyConfig
{
    /// <summary>Whether nodes are looked up.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The file that takes the place of the shipped topology; null for the shipped one.</summary>
    public string? File { get; init; }

    /// <summary>Reads the section.</summary>
    public static TopologyConfig Read(ConfigSection section)
    {
        var config = new TopologyConfig { Enabled = section.Bool("enabled", true), File = section.Text("file") };
        if (config.File is "")
        {
            section.Error("file", "must not be empty, got \"\"");
        }

        section.Finish();
        return config;
    }
}
