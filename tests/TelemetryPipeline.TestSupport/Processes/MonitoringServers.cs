using System.Globalization;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>Prometheus and Alertmanager, as Debian packages them.</summary>
public static class MonitoringServers
{
    /// <summary>Prometheus; null when it is not installed.</summary>
    public static string? Prometheus { get; } = Find("prometheus");

    /// <summary>Its tool for rules; null when it is not installed.</summary>
    public static string? Promtool { get; } = Find("promtool");

    /// <summary>Alertmanager; null when it is not installed.</summary>
    public static string? Alertmanager { get; } = Find("prometheus-alertmanager") ?? Find("alertmanager");

    /// <summary>Whether a test that needs all of them must be skipped.</summary>
    public static bool IsMissing => Prometheus is null || Promtool is null || Alertmanager is null;

    /// <summary>Why tests that need them are skipped.</summary>
    public static string MissingReason => "prometheus and prometheus-alertmanager are not installed; ./test installs them when it runs as root";

    /// <summary>Starts Prometheus and waits until it listens on the loopback interface.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="folder">Keeps its configuration and data.</param>
    /// <param name="config">Its configuration.</param>
    public static async Task<ChildProcess> StartPrometheusAsync(int port, string folder, string config)
    {
        var file = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(file, config);
        return await StartAsync(Prometheus, port, folder,
            $"--config.file={file}", $"--storage.tsdb.path={Path.Combine(folder, "prometheus-data")}",
            string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"));
    }

    /// <summary>Starts Alertmanager and waits until it listens on the loopback interface.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="folder">Keeps its configuration and data.</param>
    /// <param name="config">Its configuration.</param>
    public static async Task<ChildProcess> StartAlertmanagerAsync(int port, string folder, string config)
    {
        var file = Path.Combine(folder, "alertmanager.yml");
        await File.WriteAllTextAsync(file, config);
        return await StartAsync(Alertmanager, port, folder,
            $"--config.file={file}", $"--storage.path={Path.Combine(folder, "alertmanager-data")}", "--cluster.listen-address=",
            string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"));
    }

    private static async Task<ChildProcess> StartAsync(string? program, int port, string folder, params string[] arguments)
    {
        var server = new ChildProcess(program ?? throw new InvalidOperationException(MissingReason), arguments, workingDirectory: folder);
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

    private static string? Find(string name) =>
        Array.Find([$"/usr/bin/{name}", $"/usr/local/bin/{name}"], File.Exists);
}
