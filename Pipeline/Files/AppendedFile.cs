using System.Runtime.InteropServices;

namespace TelemetryPipeline.Pipeline.Files;

/// <summary>
/// A file that grows at its end while other programs rotate it. Writes go to the end even after another program has
/// truncated the file (<c>copytruncate</c>); a file that was moved or removed is opened again under its path.
/// </summary>
/// <remarks>Not thread-safe. A created file has mode 0600, one that replaces another has the other's mode.</remarks>
public sealed class AppendedFile : IDisposable
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int AppendFlag = 0x400;
    private const string RemovedSuffix = " (deleted)";

    private readonly string _path;
    private FileStream _stream;
    private string? _place;

    /// <summary>Opens the file; creates it where it is missing.</summary>
    /// <param name="path">The file; may be a device or a pipe.</param>
    /// <param name="isEmptied">Whether existing content is discarded.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not open it.</exception>
    public AppendedFile(string path, bool isEmptied)
    {
        _path = Path.GetFullPath(path);
        _stream = Open(isEmptied ? FileMode.Create : FileMode.OpenOrCreate);
        _place = Place(_stream);
    }

    /// <summary>The open file, for reads and for repairs of its end.</summary>
    public FileStream Stream => _stream;

    /// <summary>Whether it is a file on disk rather than a pipe.</summary>
    public bool CanSeek => _stream.CanSeek;

    /// <summary>Its length in bytes; 0 for a pipe.</summary>
    public long Length => _stream.CanSeek ? _stream.Length : 0;

    /// <summary>Appends bytes, all or none: a part that was written before a failure is cut off.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="IOException">They were not written.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!_stream.CanSeek)
        {
            _stream.Write(bytes);
            return;
        }

        // On Linux the descriptor appends by itself; elsewhere the position is as good as it gets.
        var before = _stream.Length;
        _stream.Position = before;
        try
        {
            _stream.Write(bytes);
        }
        catch (IOException)
        {
            CutBack(before);
            throw;
        }
    }

    /// <summary>Opens the file again where its path no longer leads to the open file.</summary>
    /// <returns>
    /// Null when the path leads to the open file. Otherwise why it does not: the file was moved, and a new one cannot be
    /// opened. Writes then go to the moved file.
    /// </returns>
    /// <exception cref="IOException">The file was removed and a new one cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file was removed and the process may not open a new one.</exception>
    public string? ReopenIfMoved()
    {
        if (!_stream.CanSeek)
        {
            return null;
        }

        var place = Place(_stream);
        if (place is null ? File.Exists(_path) : place == _place)
        {
            return null;
        }

        try
        {
            Replace(File.Exists(_path) ? FileMode.Open : FileMode.CreateNew);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException
            && place is not null && !place.EndsWith(RemovedSuffix, StringComparison.Ordinal))
        {
            return e.Message;
        }
    }

    /// <summary>Renames the file and begins a new one; without a new one the old one gets its name back.</summary>
    /// <param name="name">The name that the old file gets.</param>
    /// <exception cref="IOException">The old file stays in use.</exception>
    /// <exception cref="UnauthorizedAccessException">The old file stays in use.</exception>
    public void Rotate(string name)
    {
        File.Move(_path, name);
        try
        {
            Replace(FileMode.CreateNew);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Move(name, _path);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    // The kernel's name of the open file: another after a rename, marked after a removal. Null where there is none.
    private static string? Place(FileStream stream)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return File.ResolveLinkTarget($"/proc/self/fd/{stream.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            // No /proc: a file that is missing under its path is recognized all the same.
            return null;
        }
    }

    private FileStream Open(FileMode mode)
    {
        var stream = PrivateFile.Open(_path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (OperatingSystem.IsLinux() && stream.CanSeek)
        {
            // FileStream's own append mode keeps a position, which leaves a hole of NUL bytes in a truncated file.
            var descriptor = (int)stream.SafeFileHandle.DangerousGetHandle();
            if (FileControl(descriptor, SetFlags, FileControl(descriptor, GetFlags, 0) | AppendFlag) != 0)
            {
                var error = Marshal.GetLastPInvokeError();
                stream.Dispose();
                throw new IOException($"cannot open {_path} for appending, errno {error}");
            }
        }

        return stream;
    }

    private void Replace(FileMode mode)
    {
        var next = Open(mode);
        if (!OperatingSystem.IsWindows() && mode == FileMode.CreateNew)
        {
            File.SetUnixFileMode(next.SafeFileHandle, File.GetUnixFileMode(_stream.SafeFileHandle));
        }

        _stream.Dispose();
        _stream = next;
        _place = Place(next);
    }

    private void CutBack(long length)
    {
        try
        {
            if (_stream.Length > length)
            {
                _stream.SetLength(length);
            }
        }
        catch (IOException)
        {
            // The failure of the write is the one to report.
        }
    }

    // The base library has no way to open or set a descriptor to append.
    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(int descriptor, int command, int argument);
}
