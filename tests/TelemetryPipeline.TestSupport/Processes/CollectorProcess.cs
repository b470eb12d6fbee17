namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>
/// Our collector as a user runs it: its own process, with a configuration file in a folder of its own.
/// </summary>
/// <remarks>
/// It is the build that lies beside the tests; the variable <c>TELEMETRY_PIPELINE</c> names another one, for example
/// a published executable.
/// </remarks>
public sealed class CollectorProcess : ChildProcess
{
    private bool _ownsFolder = true;

    private CollectorProcess(string program, IEnumerable<string> arguments, string folder, int grpcPort, int httpPort)
        : base(program, arguments, workingDirectory: folder)
    {
        Folder = folder;
        GrpcPort = grpcPort;
        HttpPort = httpPort;
    }

    /// <summary>Where it runs; deleted with it.</summary>
    public string Folder { get; }

    /// <summary>Its configuration.</summary>
    public string ConfigFile => Path.Combine(Folder, "otel-config.yaml");

    /// <summary>Port of OTLP over gRPC.</summary>
    public int GrpcPort { get; }

    /// <summary>Port of OTLP over HTTP.</summary>
    public int HttpPort { get; }

    /// <summary>Address of OTLP over gRPC.</summary>
    public Uri GrpcEndpoint => new($"http://127.0.0.1:{GrpcPort}");

    /// <summary>Address of OTLP over HTTP.</summary>
    public Uri HttpEndpoint => new($"http://127.0.0.1:{HttpPort}");

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="yaml">
    /// The configuration without its receivers, in which an <c>otlp</c> receiver for both transports is put.
    /// </param>
    /// <param name="files">Files to put beside the configuration, by name.</param>
    public static Task<CollectorProcess> StartAsync(string yaml, params (string Name, string Content)[] files) =>
        StartWithAsync(yaml, FreePorts.Take(2), files);

    /// <summary>Starts it with a configuration and waits until it listens.</summary>
    /// <param name="yaml">As above.</param>
    /// <param name="httpPort">A port for OTLP over HTTP that others know already.</param>
    public static Task<CollectorProcess> StartAsync(string yaml, int httpPort) =>
        StartWithAsync(yaml, [FreePorts.Take(1)[0], httpPort], []);

    /// <summary>Kills it with SIGKILL and starts it again in its folder, with its ports.</summary>
    /// <returns>The new process, which owns the folder from now on.</returns>
    public async Task<CollectorProcess> KillAndStartAgainAsync()
    {
        await SignalAsync("KILL");
        await WaitForExitAsync();
        _ownsFolder = false;
        return await StartInAsync(Folder, GrpcPort, HttpPort);
    }

    /// <summary>Replaces the configuration, in one step as a careful editor does, the receiver staying as it is.</summary>
    public void ReplaceConfig(string yaml)
    {
        var draft = ConfigFile + ".new";
        File.WriteAllText(draft, WithReceiver(yaml, GrpcPort, HttpPort));
        File.Move(draft, ConfigFile, overwrite: true);
    }

    /// <summary>A file in its folder.</summary>
    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>Ends it and deletes its folder.</summary>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static async Task<CollectorProcess> StartWithAsync(string yaml, int[] ports, (string Name, string Content)[] files)
    {
        var folder = Directory.CreateTempSubdirectory("telemetry-pipeline-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "otel-config.yaml"), WithReceiver(yaml, ports[0], ports[1]));
        foreach (var (name, content) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), content);
        }

        return await StartInAsync(folder, ports[0], ports[1]);
    }

    private static async Task<CollectorProcess> StartInAsync(string folder, int grpcPort, int httpPort)
    {
        var (program, first) = Program();
        var collector = new CollectorProcess(program, [.. first, "--config", "otel-config.yaml"], folder, grpcPort, httpPort);
        try
        {
            await collector.WaitForPortsAsync(grpcPort, httpPort);
        }
        catch
        {
            await collector.DisposeAsync();
            throw;
        }

        return collector;
    }

    private static string WithReceiver(string yaml, int grpcPort, int httpPort) => $$"""
        receivers:
          otlp:
            protocols:
              grpc: {endpoint: "127.0.0.1:{{grpcPort}}"}
              http: {endpoint: "127.0.0.1:{{httpPort}}"}

        """ + yaml;

    /// <summary>The executable, and the arguments that come before all others.</summary>
    public static (string Program, string[] First) Program() =>
        Environment.GetEnvironmentVariable("TELEMETRY_PIPELINE") is { Length: > 0 } published
            ? (published, [])
            : (Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
                [Path.Combine(AppContext.BaseDirectory, "telemetry-pipeline.dll")]);
}
