using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>What the executable is asked to do.</summary>
internal enum Verb : byte
{
    /// <summary>Run the collector.</summary>
    Run,

    /// <summary>Check a configuration without starting anything.</summary>
    Validate,

    /// <summary>List the components of this build.</summary>
    Components,

    /// <summary>Print a configuration as it is after merging and expansion.</summary>
    PrintConfig,

    /// <summary>Print the version.</summary>
    Version,

    /// <summary>Print the usage.</summary>
    Help,
}

/// <summary>A parsed command line. Flags are the Collector's: <c>--flag value</c> or <c>--flag=value</c>, in any order.</summary>
internal sealed record CommandLine
{
    /// <summary>What to do.</summary>
    public Verb Verb { get; init; }

    /// <summary>Flags <c>--config</c> and <c>--set</c>.</summary>
    public ConfigSources Sources { get; init; } = new() { Configs = [] };

    /// <summary>Flag <c>--mode unredacted</c> of <c>print-config</c>.</summary>
    public bool ShowSecrets { get; init; }

    /// <summary>Flag <c>--format json</c> of <c>print-config</c>.</summary>
    public bool AsJson { get; init; }

    /// <summary>Flag <c>--validate</c> of <c>print-config</c>: refuse to print what is not valid. Default true.</summary>
    public bool ValidateFirst { get; init; } = true;
}
