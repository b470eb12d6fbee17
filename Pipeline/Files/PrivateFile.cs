using Microsoft.Win32.SafeHandles;

namespace TelemetryPipeline.Pipeline.Files;

/// <summary>
/// Creates the files and directories that hold telemetry. On Unix they are accessible to the process's user only:
/// mode 0600 for files, 0700 for directories.
/// </summary>
public static class PrivateFile
{
    /// <summary>The mode of created files: 0600.</summary>
    public const UnixFileMode FilePermissions = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The mode of created directories: 0700.</summary>
    public const UnixFileMode DirectoryPermissions = FilePermissions | UnixFileMode.UserExecute;

    /// <summary>Opens a file without buffering. A file that exists keeps its mode.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether the file is created, continued or emptied.</param>
    /// <param name="access">Read or write.</param>
    /// <param name="share">What other handles may do.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not open it.</exception>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is not (FileMode.Open or FileMode.Truncate))
        {
            options.UnixCreateMode = FilePermissions;
        }

        return new FileStream(path, options);
    }

    /// <summary>Opens a file for positioned reads and writes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether the file is created or continued.</param>
    /// <param name="access">Read or write.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not open it.</exception>
    public static SafeFileHandle OpenHandle(string path, FileMode mode, FileAccess access)
    {
        const FileShare Share = FileShare.ReadWrite | FileShare.Delete;

        // File.OpenHandle cannot create a file with a mode, and changing the mode afterwards would leave a moment in
        // which another user can open the file and keep it open.
        Open(path, mode, FileAccess.Write, Share).Dispose();
        return File.OpenHandle(path, FileMode.Open, access, Share);
    }

    /// <summary>Creates a directory where it is missing. A directory that exists keeps its mode.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="permissions">The mode, less the umask.</param>
    /// <exception cref="IOException">The directory cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not create it.</exception>
    public static void CreateDirectory(string path, UnixFileMode permissions = DirectoryPermissions)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, permissions);
        }
    }

    /// <summary>
    /// Removes the permissions of other users from a directory and the files in it, which earlier versions created with
    /// the umask's permissions.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <returns>The problem; null on success. File systems without permissions are a problem too.</returns>
    public static string? Restrict(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        try
        {
            const UnixFileMode OwnerMask = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            foreach (var path in (IEnumerable<string>)[directory, .. Directory.GetFiles(directory)])
            {
                var mode = File.GetUnixFileMode(path);
                if ((mode & ~OwnerMask) != 0)
                {
                    File.SetUnixFileMode(path, mode & OwnerMask);
                }
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
