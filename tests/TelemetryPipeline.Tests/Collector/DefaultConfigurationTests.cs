using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using TelemetryPipeline.Collector;
using TelemetryPipeline.Collector.Cli;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Service;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.Tests.Collector;

/// <summary>The configurations that the repository comes with.</summary>
public sealed class DefaultConfigurationTests
{
    private static readonly Dictionary<string, string> Production = new(StringComparer.Ordinal)
    {
        ["REDIS_ENDPOINT"] = "redis:6379",
        ["REDIS_PASSWORD"] = "secret",
        ["ELASTICSEARCH_URL"] = "https://es:9200",
        ["ELASTICSEARCH_API_KEY"] = "secret",
        ["ALERTMANAGER_URL"] = "http://alertmanager:9093",
    };

    /// <summary>The salt that the demo draws at its start is worth a warning, and nothing else is.</summary>
    [Theory]
    [InlineData("otel-config.yaml")]
    [InlineData("otel-config.yaml", "deploy/otel-config.servers.yaml")]
    public async Task Validate_Demo_WarnsOfNothingButTheDrawnSalt(params string[] files)
    {
        var (code, problems) = await ValidateAsync(files, static _ => null);

        Assert.Equal(0, code);
        Assert.Contains("pseudonymize::salts: not set", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_Production_IsRightOnceItsVariablesAreSet()
    {
        var folder = Directory.CreateTempSubdirectory("production-").FullName;
        try
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=collector", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
            var variables = new Dictionary<string, string>(Production, StringComparer.Ordinal);
            foreach (var (name, content) in (ReadOnlySpan<(string, string)>)
            [
                ("TLS_CERT_FILE", certificate.ExportCertificatePem()), ("TLS_KEY_FILE", key.ExportPkcs8PrivateKeyPem()),
                ("TLS_CLIENT_CA_FILE", certificate.ExportCertificatePem()), ("CA_FILE", certificate.ExportCertificatePem()),
                ("SALT_FILE", "a salt of more than sixteen bytes"), ("FIELD_KEY_FILE", new string('7', 64)),
                ("WECOM_URL_FILE", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"),
            ])
            {
                variables[name] = Path.Combine(folder, name);
                File.WriteAllText(variables[name], content);
                if (!OperatingSystem.IsWindows())
                {
                    // Keys that others can read are warned of.
                    File.SetUnixFileMode(variables[name], UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }

            var (code, problems) = await ValidateAsync(["deploy/otel-config.production.yaml"], name => variables.GetValueOrDefault(name));

            Assert.Empty(problems);
            Assert.Equal(0, code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same at the start: each pipeline's enrichment warns of the drawn salt, and nothing else warns.</summary>
    [Fact]
    public async Task Start_Demo_WarnsOfNothingButTheDrawnSalt()
    {
        var folder = Directory.CreateTempSubdirectory("demo-").FullName;
        using var output = new MemoryStream();
        using var logs = new CollectorLogs(TimeProvider.System, _ => output);
        try
        {
            var ports = FreePorts.Take(2);
            var loaded = new ConfigLoader(Components.All, name => name switch
            {
                "DATA_DIR" => folder,
                "METRICS_PORT" => $"{ports[0]}",
                "HEALTH_ENDPOINT" => $"localhost:{ports[1]}",
                _ => name.EndsWith("_ENDPOINT", StringComparison.Ordinal) ? "localhost:0" : null,
            }).Load(new ConfigSources { Configs = [Path.Combine(RepositoryRoot.Path, "otel-config.yaml")] });
            Assert.Empty(loaded.Errors);
            var collector = new RunningCollector(logs, TimeProvider.System, static health => Assert.Fail(health.Report.Message));
            logs.Apply(loaded.Config!.Service.Telemetry);
            await collector.StartAsync(loaded.Config, TestContext.Current.CancellationToken);
            using (var client = new HttpClient())
            using (var answer = await client.GetAsync(new Uri($"http://localhost:{ports[1]}/"), TestContext.Current.CancellationToken))
            {
                Assert.True(answer.IsSuccessStatusCode);
            }

            Assert.True(await collector.StopAsync());

            var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var warnings = lines.Where(static line => line.Split('\t')[1] is not ("info" or "debug")).ToArray();
            Assert.Equal(3, warnings.Length);
            Assert.All(warnings, static line => Assert.Contains("salt", line.Split('\t')[3], StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(int Code, string[] Problems)> ValidateAsync(string[] files, Func<string, string?> variable)
    {
        using var output = new StringWriter();
        using var problems = new StringWriter();
        var runner = new CommandRunner(Components.All, output, problems, variable);
        var code = await runner.RunAsync(
            ["validate", .. files.SelectMany(f => new[] { "--config", Path.Combine(RepositoryRoot.Path, f) })],
            TestContext.Current.CancellationToken);
        return (code, problems.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
