using System.Globalization;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>A real Redis server that keeps nothing on disk, as Debian packages it.</summary>
public static class RedisServer
{
    /// <summary>The program; null when it is not installed.</summary>
    public static string? Program { get; } = Array.Find(
        ["/usr/bin/redis-server", "/usr/local/bin/redis-server"], File.Exists);

    /// <summary>Why tests that need it are skipped.</summary>
    public static string MissingReason => "redis-server is not installed; ./test installs it when it runs as root";

    /// <summary>Starts it and waits until it listens on the loopback interface.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="arguments">Added to those that say where it listens and that it keeps nothing.</param>
    public static async Task<ChildProcess> StartAsync(int port, params string[] arguments)
    {
        var server = new ChildProcess(
            Program ?? throw new InvalidOperationException(MissingReason),
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. arguments],
            workingDirectory: Path.GetTempPath());
        try
        {
            await server.WaitForPortsAsync(port);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
