using System.Net.Sockets;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>The file of a Unix domain socket, which outlives a process that is killed.</summary>
internal static class UnixSocketFile
{
    // ENXIO of Linux and EOPNOTSUPP of macOS: what opening a socket as a file fails with.
    private const int NoSuchDevice = 6;
    private const int NotSupportedOnSocket = 102;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(1);

    /// <summary>Removes a socket file on which no process listens. Any other file stays.</summary>
    /// <exception cref="ComponentStartException">The path is a file other than a socket, or the file cannot be removed.</exception>
    public static async Task RemoveStaleAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path) || !await IsRefusedAsync(path, cancellation).ConfigureAwait(false))
        {
            return;
        }

        // A connection to a file of another kind is refused as well.
        if (!IsSocket(path))
        {
            throw new ComponentStartException($"cannot listen on {path}: the file exists and is not a socket");
        }

        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentStartException($"cannot listen on {path}: the socket of a former process cannot be removed: {e.Message}", e);
        }
    }

    private static async Task<bool> IsRefusedAsync(string path, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConnectLimit);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token).ConfigureAwait(false);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // A listener whose backlog is full.
            return false;
        }
    }

    private static bool IsSocket(string path)
    {
        try
        {
            // Reading and writing, since opening a named pipe for one of them waits for the other side.
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException e)
        {
            return e.HResult is NoSuchDevice or NotSupportedOnSocket;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
