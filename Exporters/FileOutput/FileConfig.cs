using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>Settings of the <c>file</c> exporter.</summary>
internal sealed record FileConfig
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Rotation; null for a single file that grows.</summary>
    public FileRotationConfig? Rotation { get; init; }

    /// <summary>What a record holds.</summary>
    public FileFormat Format { get; init; }

    /// <summary>Whether records are compressed, each on its own, with zstd.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>Whether the file is continued at the start; else it is emptied. With rotation it is always continued.</summary>
    public bool Append { get; init; }

    /// <summary>How long records may stay in memory.</summary>
    /// <value>0 writes every record at once. Default 1 s.</value>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether a missing directory is created.</summary>
    public bool CreateDirectory { get; init; }

    /// <summary>Whether records have their length in front: all but plain JSON lines.</summary>
    public bool IsFramed => Format == FileFormat.Proto || IsCompressed;

    /// <summary>Reads the exporter's section.</summary>
    /// <param name="section">The section.</param>
    public static FileConfig Read(ConfigSection section)
    {
        var config = new FileConfig
        {
            Path = section.RequiredText("path"),
            Rotation = section.Node("rotation") is null ? null : FileRotationConfig.Read(section.Section("rotation")),
            Format = section.Word("format", FileFormat.Json, ("json", FileFormat.Json), ("proto", FileFormat.Proto)),
            IsCompressed = section.Word("compression", false, ("zstd", true), ("none", false), ("", false)),
            Append = section.Bool("append", false),
            FlushInterval = section.Duration("flush_interval", TimeSpan.FromSeconds(1)),
            CreateDirectory = section.Bool("create_directory", false),
        };
        section.Unsupported("use a file exporter and a pipeline for each group", "group_by");
        section.Unsupported("use format json or proto", "encoding");
        section.Unsupported("created directories have mode 0700", "directory_permissions");
        section.Finish();
        return config;
    }
}
