using System.Globalization;
using Microsoft.Win32.SafeHandles;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>
/// One file of the log. Its name holds all it needs besides its records: <c>{id of its first record}-{salt}.segment</c>,
/// in hexadecimal.
/// </summary>
/// <remarks>All but the file is guarded by the log's lock.</remarks>
internal sealed class Segment : IDisposable
{
    private const string Extension = ".segment";
    private const string AckExtension = ".acks";
    private const int IdDigits = 16;
    private const int SaltDigits = 8;

    private readonly Lock _fileGate = new();
    private SafeFileHandle? _file;

    private Segment(string directory, ulong baseId, uint salt)
    {
        BaseId = baseId;
        Salt = salt;
        Path = System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{baseId:x16}-{salt:x8}{Extension}"));
        Acks = new AckBook(System.IO.Path.ChangeExtension(Path, AckExtension), salt);
    }

    public string Path { get; }

    public ulong BaseId { get; }

    public uint Salt { get; }

    public AckBook Acks { get; }

    /// <summary>Bytes that may be read.</summary>
    public long Length { get; set; }

    /// <summary>Whether nothing is appended any more.</summary>
    public bool IsSealed { get; set; }

    /// <summary>Whether the reader is through with it.</summary>
    public bool IsPassed { get; set; }

    /// <summary>Whether it must stay on disk because part of it could not be read.</summary>
    public bool IsKept { get; set; }

    /// <summary>Records that were read and not yet delivered.</summary>
    public int Outstanding { get; set; }

    /// <summary>What is not yet delivered, read or not.</summary>
    public QueueLoad Live { get; set; }

    public static Segment Create(string directory, ulong baseId, uint salt)
    {
        var segment = new Segment(directory, baseId, salt);
        segment._file = PrivateFile.OpenHandle(segment.Path, FileMode.CreateNew, FileAccess.ReadWrite);
        return segment;
    }

    /// <summary>The segments an earlier run left, in order; files with other names are not ours.</summary>
    public static List<Segment> FindAll(string directory)
    {
        var found = new List<Segment>();
        foreach (var path in Directory.EnumerateFiles(directory, "*" + Extension))
        {
            var name = System.IO.Path.GetFileNameWithoutExtension(path);
            if (name.Length == IdDigits + 1 + SaltDigits && name[IdDigits] == '-'
                && ulong.TryParse(name.AsSpan(0, IdDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var baseId)
                && uint.TryParse(name.AsSpan(IdDigits + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var salt))
            {
                found.Add(new Segment(directory, baseId, salt) { IsSealed = true, Length = new FileInfo(path).Length });
            }
        }

        found.Sort(static (a, b) => a.BaseId.CompareTo(b.BaseId));
        return found;
    }

    /// <summary>The file, opened when first needed.</summary>
    public SafeFileHandle Open()
    {
        lock (_fileGate)
        {
            return _file ??= File.OpenHandle(
                Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
    }

    /// <summary>Closes the file until it is needed again.</summary>
    public void CloseFile()
    {
        lock (_fileGate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    public void Delete()
    {
        CloseFile();
        File.Delete(Path);
        Acks.Delete();
    }

    public void Dispose()
    {
        CloseFile();
        Acks.Dispose();
    }
}
