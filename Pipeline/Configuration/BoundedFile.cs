using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>
/// Reads a file that an operator names: configuration, rules, keys, certificates, lookups. Only a regular file, up to a
/// length that is checked while reading, and within a time limit, so that a device, a pipe or a file system that hangs can
/// neither exhaust the memory nor stop a reload.
/// </summary>
/// <remarks>
/// Thread-safe. Each read has a thread of its own, since a call to the file system cannot be cancelled. One that does not
/// return keeps its thread, and further reads of that path fail at once until it does.
/// </remarks>
public static class BoundedFile
{
    private const int StackSizeBytes = 256 * 1024;
    private const int FirstBufferMax = 64 * 1024;

    private static readonly ConcurrentDictionary<string, Thread> Unfinished = new(StringComparer.Ordinal);

    /// <summary>How long a read may take by default.</summary>
    public static TimeSpan TimeLimit { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytesMax">The longest content.</param>
    /// <param name="timeLimit">How long it may take; null for <see cref="TimeLimit"/>.</param>
    /// <exception cref="IOException">
    /// The file does not exist, is not a regular file, is too long, does not answer in time, or cannot be read.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static byte[] ReadAllBytes(string path, int bytesMax, TimeSpan? timeLimit = null)
    {
        var full = Path.GetFullPath(path);
        if (Unfinished.TryGetValue(full, out var earlier))
        {
            if (earlier.IsAlive)
            {
                throw new IOException($"an earlier attempt to read '{path}' has not returned");
            }

            Unfinished.TryRemove(full, out _);
        }

        byte[]? content = null;
        ExceptionDispatchInfo? problem = null;
        var thread = new Thread(Run, StackSizeBytes) { IsBackground = true, Name = "file reader" };
        thread.Start();
        var limit = timeLimit ?? TimeLimit;
        if (!thread.Join(limit))
        {
            Unfinished[full] = thread;
            throw new IOException($"'{path}' could not be read within {limit.TotalSeconds} s");
        }

        problem?.Throw();
        return content!;

        void Run()
        {
            try
            {
                content = Read(full, bytesMax);
            }
            catch (Exception e)
            {
                problem = ExceptionDispatchInfo.Capture(e);
            }
        }
    }

    /// <summary>Reads a file as text: UTF-8, or what its byte order mark says.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytesMax">The longest content in bytes.</param>
    /// <exception cref="IOException">As for <see cref="ReadAllBytes"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static string ReadAllText(string path, int bytesMax)
    {
        var content = ReadAllBytes(path, bytesMax);
        using var reader = new StreamReader(new MemoryStream(content), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        var text = reader.ReadToEnd();
        CryptographicOperations.ZeroMemory(content);
        return text;
    }

    private static byte[] Read(string path, int bytesMax)
    {
        using var file = RegularFile.Open(path);
        var buffer = new byte[Math.Min(bytesMax, FirstBufferMax) + 1];
        var length = 0;
        while (RandomAccess.Read(file, buffer.AsSpan(length), length) is var read and > 0)
        {
            length += read;
            if (length > bytesMax)
            {
                CryptographicOperations.ZeroMemory(buffer);
                throw new IOException($"'{path}' has more than {bytesMax} bytes");
            }

            if (length == buffer.Length)
            {
                var larger = new byte[(int)Math.Min((long)bytesMax + 1, 2L * length)];
                buffer.CopyTo(larger, 0);
                CryptographicOperations.ZeroMemory(buffer);
                buffer = larger;
            }
        }

        var content = buffer[..length];
        CryptographicOperations.ZeroMemory(buffer);
        return content;
    }

    /// <summary>Opens regular files only, without waiting for a writer where the path is a pipe.</summary>
    private static class RegularFile
    {
        // Of Linux, the same on every architecture that .NET supports there.
        private const int OpenReadOnlyNonblockingCloseOnExec = 0x800 | 0x80000;
        private const int AtEmptyPath = 0x1000;
        private const uint StatxType = 1;
        private const int StatxSizeBytes = 256;
        private const int StatxModeOffset = 28;
        private const int TypeMask = 0xF000;
        private const int TypeRegular = 0x8000;

        private static readonly byte[] EmptyPath = [0];

        public static SafeFileHandle Open(string path)
        {
            if (!OperatingSystem.IsLinux())
            {
                return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }

            var descriptor = Open([.. Encoding.UTF8.GetBytes(path), 0], OpenReadOnlyNonblockingCloseOnExec);
            if (descriptor < 0)
            {
                // Fails for the same reason, with the base library's words for it.
                return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }

            var file = new SafeFileHandle(descriptor, ownsHandle: true);
            var status = new byte[StatxSizeBytes];
            if (Statx(descriptor, EmptyPath, AtEmptyPath, StatxType, status) == 0
                && (BitConverter.ToUInt16(status, StatxModeOffset) & TypeMask) == TypeRegular)
            {
                return file;
            }

            file.Dispose();
            throw new IOException($"'{path}' is not a regular file");
        }

        // The base library opens a pipe only when it has a writer, and does not say what kind of file a path is.
        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Open(byte[] path, int flags);

        [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Statx(int directory, byte[] path, int flags, uint mask, [In, Out] byte[] status);
    }
}
