using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>The <c>rotation</c> of the <c>file</c> exporter: when a file is put away and how many are kept.</summary>
internal sealed record FileRotationConfig
{
    private const int Megabyte = 1024 * 1024;

    /// <summary>Length beyond which a file is put away.</summary>
    /// <value>MiB, 1 or more; 0 takes the default. Default 100.</value>
    public int MaxMegabytes { get; init; } = 100;

    /// <summary>Age by its name at which a file that was put away is deleted.</summary>
    /// <value>Days of 24 hours; 0 for never. Default 0.</value>
    public int MaxDays { get; init; }

    /// <summary>Files that were put away and are kept.</summary>
    /// <value>0 for all. Default 100.</value>
    public int MaxBackups { get; init; } = 100;

    /// <summary>Whether names bear local time instead of UTC.</summary>
    public bool LocalTime { get; init; }

    /// <summary><see cref="MaxMegabytes"/> in bytes.</summary>
    public long MaxBytes => (long)MaxMegabytes * Megabyte;

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    public static FileRotationConfig Read(ConfigSection section)
    {
        var defaults = new FileRotationConfig();
        var megabytes = section.Int32("max_megabytes", defaults.MaxMegabytes, min: 0);
        var rotation = new FileRotationConfig
        {
            MaxMegabytes = megabytes == 0 ? defaults.MaxMegabytes : megabytes,
            MaxDays = section.Int32("max_days", defaults.MaxDays, min: 0),
            MaxBackups = section.Int32("max_backups", defaults.MaxBackups, min: 0),
            LocalTime = section.Bool("localtime", defaults.LocalTime),
        };
        section.Finish();
        return rotation;
    }
}
