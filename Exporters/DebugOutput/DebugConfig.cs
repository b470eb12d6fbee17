using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Settings of the <c>debug</c> exporter, with the Collector's keys and defaults.</summary>
internal sealed record DebugConfig
{
    /// <summary>The name of standard output in <see cref="OutputPaths"/>.</summary>
    public const string Stdout = "stdout";

    /// <summary>The name of standard error in <see cref="OutputPaths"/>.</summary>
    public const string Stderr = "stderr";

    /// <summary>How much of a batch is shown.</summary>
    /// <value>Default basic.</value>
    public DebugVerbosity Verbosity { get; init; }

    /// <summary>Batches of a signal that are shown in every second, whatever follows.</summary>
    /// <value>Batches, 0 or more. Default 2.</value>
    public int SamplingInitial { get; init; } = 2;

    /// <summary>Of the batches after them, one in so many is shown.</summary>
    /// <value>1 shows all of them, 0 none. Default 1.</value>
    public int SamplingThereafter { get; init; } = 1;

    /// <summary>Whether the collector's own log is written to.</summary>
    /// <value>Default true.</value>
    public bool UseInternalLogger { get; init; } = true;

    /// <summary>Where to write instead: files, or <see cref="Stdout"/> and <see cref="Stderr"/>.</summary>
    /// <value>At least one, only without the internal logger. Default stdout.</value>
    public IReadOnlyList<string> OutputPaths { get; init; } = [Stdout];

    /// <summary>The queue, which is off unless the section has one.</summary>
    public required SendingConfig Sending { get; init; }

    /// <summary>Reads the exporter's section.</summary>
    /// <param name="section">The section.</param>
    public static DebugConfig Read(ConfigSection section)
    {
        var config = new DebugConfig
        {
            Verbosity = section.Word(
                "verbosity",
                DebugVerbosity.Basic,
                ("basic", DebugVerbosity.Basic),
                ("normal", DebugVerbosity.Normal),
                ("detailed", DebugVerbosity.Detailed)),
            SamplingInitial = section.Int32("sampling_initial", 2, min: 0),
            SamplingThereafter = section.Int32("sampling_thereafter", 1, min: 0),
            UseInternalLogger = section.Bool("use_internal_logger", true),
            OutputPaths = section.Texts("output_paths", Stdout),
            Sending = SendingConfig.ReadOptionalQueue(section),
        };
        Check(section, config);
        section.Finish();
        return config;
    }

    private static void Check(ConfigSection section, DebugConfig config)
    {
        if (section.Node("output_paths") is null)
        {
            return;
        }

        if (config.UseInternalLogger)
        {
            section.Error("output_paths", "must not be set unless use_internal_logger is false");
        }
        else if (config.OutputPaths.Count == 0)
        {
            section.Error("output_paths", "must have at least one path, got []");
        }

        foreach (var path in config.OutputPaths)
        {
            if (path.Length == 0)
            {
                section.Error("output_paths", "must not have an empty path, got \"\"");
            }
        }
    }
}
