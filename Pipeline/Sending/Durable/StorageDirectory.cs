using System.Runtime.InteropServices;
using System.Text;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>What a directory of files that must survive a power cut needs beyond <see cref="System.IO.Directory"/>.</summary>
internal static class StorageDirectory
{
    private const string LockName = "lock";
    private const int ErrorInvalid = 22;

    /// <summary>Takes the directory for this process; the lock ends with the process, however it ends.</summary>
    /// <returns>The lock, or null while another process holds it.</returns>
    public static FileStream? TryLock(string directory)
    {
        try
        {
            var path = Path.Combine(directory, LockName);
            return PrivateFile.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException or FileNotFoundException))
        {
            return null;
        }
    }

    /// <summary>Brings created and renamed entries of a directory to the medium. Where a system has no such call, nothing.</summary>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(Encoding.UTF8.GetBytes(directory + '\0'), 0);
        if (descriptor < 0)
        {
            throw new IOException($"cannot open directory {directory} to flush it, errno {Marshal.GetLastPInvokeError()}");
        }

        var failed = Fsync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);

        // File systems that cannot flush a directory say so; there is nothing better to do on them.
        if (failed && error != ErrorInvalid)
        {
            throw new IOException($"cannot flush directory {directory}, errno {error}");
        }
    }

    // The base library refuses to open directories, and flushing one needs a descriptor of it.
    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
