using System.Diagnostics;
using System.Globalization;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>
/// A search server for tests: a real OpenSearch node that the scripts in <c>tests/opensearch</c> install and start on the
/// loopback interface, or the one that <c>ELASTICSEARCH_URL</c> names, which is only used and never stopped.
/// </summary>
public sealed class OpenSearchNode : IAsyncDisposable
{
    private static readonly string Scripts = Path.Combine(RepositoryRoot.Path, "tests", "opensearch");
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly string[] _settings;
    private readonly int _port;
    private int _processId;

    private OpenSearchNode(Uri address, int port, string folder, string[] settings)
    {
        Address = address;
        Folder = folder;
        _port = port;
        _settings = settings;
        Client = new SearchClient(address);
    }

    /// <summary>The server that the environment names; null when the tests start their own.</summary>
    public static Uri? External { get; } =
        Environment.GetEnvironmentVariable("ELASTICSEARCH_URL") is { Length: > 0 } url ? new Uri(url) : null;

    /// <summary>Why tests that need it are skipped; null when they can run.</summary>
    public static string? MissingReason { get; } = External is not null || (File.Exists("/usr/bin/apt-get") && Exists("javac") && Exists("curl"))
        ? null
        : "OpenSearch needs Debian with a JDK 17 (openjdk-17-jdk-headless) and curl, see tests/opensearch/README.md; "
            + "ELASTICSEARCH_URL names a server to use instead";

    /// <summary>Its address.</summary>
    public Uri Address { get; }

    /// <summary>Its data.</summary>
    public string Folder { get; }

    /// <summary>Asks it.</summary>
    public SearchClient Client { get; }

    /// <summary>Whether it is ours to stop.</summary>
    public bool IsOurs => Folder.Length > 0;

    /// <summary>The port of the loopback interface on which it listens.</summary>
    public int Port => _port;

    /// <summary>Starts a node, or takes the one that the environment names when no settings are asked for.</summary>
    /// <param name="settings">Settings as in <c>opensearch.yml</c>, KEY=VALUE.</param>
    public static async Task<OpenSearchNode> StartAsync(params string[] settings)
    {
        if (External is { } external && settings.Length == 0)
        {
            return new OpenSearchNode(external, external.Port, "", settings);
        }

        var port = FreePorts.Take(1)[0];
        var node = new OpenSearchNode(
            new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}"), port,
            Directory.CreateTempSubdirectory("opensearch-").FullName, settings);
        try
        {
            await node.StartAgainAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it with the data it had.</summary>
    public async Task StartAgainAsync()
    {
        var output = await RunAsync("start", ["-p", Number(_port), "-d", Folder, "-m", "384m", .. _settings]);
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith("pid=", StringComparison.Ordinal))
            {
                _processId = int.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>Stops it with SIGTERM.</summary>
    public Task StopAsync() => RunAsync("stop", ["-p", Number(_port), "-d", Folder]);

    /// <summary>Kills it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        using var process = Process.GetProcessById(_processId);
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Ends it, if it is ours, and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (IsOurs)
        {
            await StopAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool Exists(string program) => Array.Exists(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), folder => File.Exists(Path.Combine(folder, program)));

    // The node lives on when the script has ended, so its streams must not be ours.
    private static async Task<string> RunAsync(string script, string[] arguments)
    {
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", output, Path.Combine(Scripts, script), .. arguments]);
            start.Environment["OPENSEARCH_WAIT"] = "180";
            using var process = Process.Start(start)!;
            using var limit = new CancellationTokenSource(StartLimit);
            await process.WaitForExitAsync(limit.Token);
            var text = await File.ReadAllTextAsync(output, CancellationToken.None);
            return process.ExitCode == 0
                ? text
                : throw new InvalidOperationException($"tests/opensearch/{script} ended with {process.ExitCode}:\n{text}");
        }
        finally
        {
            File.Delete(output);
        }
    }
}
