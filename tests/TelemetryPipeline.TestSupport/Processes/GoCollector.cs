namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>The Go Collector and its counting sink, as <c>bench/otelcol/build</c> makes them.</summary>
public static class GoCollector
{
    private const string BuildHint = "the Go Collector is not there; bench/otelcol/build makes it";

    /// <summary>Folder of the two programs: what <c>OTELCOL_BIN</c> names, else the build's cache; null when there is none.</summary>
    public static string? BinFolder { get; } = Find();

    /// <summary>Why <see cref="BinFolder"/> is null.</summary>
    public static string MissingReason =>
        Environment.GetEnvironmentVariable("OTELCOL_MISSING") is { Length: > 0 } reason ? $"{BuildHint}: {reason}" : BuildHint;

    /// <summary>Starts it with a configuration and waits for its OTLP ports.</summary>
    /// <param name="yaml">The whole configuration.</param>
    /// <param name="ports">Ports it is going to listen on.</param>
    public static async Task<ChildProcess> StartAsync(string yaml, params int[] ports)
    {
        var program = Path.Combine(BinFolder ?? throw new InvalidOperationException(MissingReason), "otelcol");
        var collector = new ChildProcess(program, ["--config", "yaml:" + yaml]);
        await WaitAsync(collector, ports);
        return collector;
    }

    /// <summary>Starts the sink.</summary>
    /// <param name="grpcPort">Port for OTLP over gRPC.</param>
    /// <param name="httpPort">Port for OTLP over HTTP and for the counts.</param>
    public static async Task<ChildProcess> StartSinkAsync(int grpcPort, int httpPort)
    {
        var program = Path.Combine(BinFolder ?? throw new InvalidOperationException(MissingReason), "otlp-sink");
        var sink = new ChildProcess(program, [$"127.0.0.1:{grpcPort}", $"127.0.0.1:{httpPort}"]);
        await WaitAsync(sink, [grpcPort, httpPort]);
        return sink;
    }

    private static async Task WaitAsync(ChildProcess process, int[] ports)
    {
        try
        {
            await process.WaitForPortsAsync(ports);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static string? Find()
    {
        var caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string?[] folders =
        [
            Environment.GetEnvironmentVariable("OTELCOL_BIN"),
            Path.Combine(caches, "telemetry-pipeline", "go-collector", "bin"),
        ];
        return Array.Find(folders, folder => folder is not null && File.Exists(Path.Combine(folder, "otelcol")));
    }
}
