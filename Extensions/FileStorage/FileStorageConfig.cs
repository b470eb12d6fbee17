using System.Globalization;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Extensions.FileStorage;

/// <summary>Options of the <c>file_storage</c> extension.</summary>
internal sealed record FileStorageConfig
{
    private const UnixFileMode DefaultPermissions =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    private const int PermissionsMax = 0x1FF;

    /// <summary>Where the queues are.</summary>
    /// <value>Default <c>/var/lib/otelcol/file_storage</c>.</value>
    public string Directory { get; init; } = "/var/lib/otelcol/file_storage";

    /// <summary>Whether a missing directory is created.</summary>
    /// <value>Default false.</value>
    public bool CreateDirectory { get; init; }

    /// <summary>Permissions of directories the extension creates, less the process's umask.</summary>
    /// <value>Octal. Default 0750.</value>
    public UnixFileMode DirectoryPermissions { get; init; } = DefaultPermissions;

    /// <summary>How long to wait for another process to let go of a queue.</summary>
    /// <value>0 or more. Default 1 s.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When writes are flushed to the medium.</summary>
    /// <value><c>always</c> (or <c>true</c>), <c>interval</c>, <c>never</c> (or <c>false</c>). Default interval.</value>
    public FsyncPolicy Fsync { get; init; } = FsyncPolicy.Interval;

    /// <summary>Whether a queue that cannot be opened is put aside and begun anew.</summary>
    /// <value>Default false.</value>
    public bool Recreate { get; init; }

    /// <summary>Reads the options.</summary>
    /// <param name="section">The extension's section.</param>
    public static FileStorageConfig Read(ConfigSection section)
    {
        var defaults = new FileStorageConfig();
        var config = new FileStorageConfig
        {
            Directory = section.Has("directory") && section.Node("directory") is not null
                ? section.RequiredText("directory")
                : defaults.Directory,
            CreateDirectory = section.Bool("create_directory", defaults.CreateDirectory),
            DirectoryPermissions = ReadPermissions(section, defaults.DirectoryPermissions),
            Timeout = section.Duration("timeout", defaults.Timeout),
            Fsync = ReadFsync(section, defaults.Fsync),
            Recreate = section.Bool("recreate", defaults.Recreate),
        };
        var compaction = section.Section("compaction");
        compaction.Unsupported(
            "there is nothing to compact; a segment is deleted as soon as everything in it is delivered",
            "directory", "max_transaction_size", "on_start", "on_rebound", "rebound_needed_threshold_mib",
            "rebound_trigger_threshold_mib", "check_interval", "cleanup_on_start");
        compaction.Finish();
        section.Finish();
        return config;
    }

    private static FsyncPolicy ReadFsync(ConfigSection section, FsyncPolicy defaultValue)
    {
        if (section.Node("fsync") is ConfigScalar { Kind: ScalarKind.Bool })
        {
            return section.Bool("fsync", false) ? FsyncPolicy.Always : FsyncPolicy.Never;
        }

        return section.Word(
            "fsync", defaultValue,
            ("always", FsyncPolicy.Always), ("interval", FsyncPolicy.Interval), ("never", FsyncPolicy.Never));
    }

    // YAML reads 0750 as text or as a number, depending on quotes; both mean octal here.
    private static UnixFileMode ReadPermissions(ConfigSection section, UnixFileMode defaultValue)
    {
        if (section.Node("directory_permissions") is not { } node)
        {
            return defaultValue;
        }

        if (node is ConfigScalar scalar && TryParseOctal(node.ExpandedText ?? scalar.Text, out var bits))
        {
            return (UnixFileMode)bits;
        }

        section.Error(
            "directory_permissions", $"must be an octal number from 0 to 0777 such as 0750, got {ConfigSection.Describe(node)}");
        return defaultValue;
    }

    private static bool TryParseOctal(string text, out int bits)
    {
        bits = 0;
        var digits = text.StartsWith("0o", StringComparison.Ordinal) ? text.AsSpan(2) : text.AsSpan();
        foreach (var c in digits)
        {
            if (c is < '0' or > '7')
            {
                return false;
            }

            bits = Math.Min((bits * 8) + CharUnicodeInfo.GetDecimalDigitValue(c), PermissionsMax + 1);
        }

        return digits.Length > 0 && bits <= PermissionsMax;
    }
}
