using TelemetryPipeline.Collector;
using TelemetryPipeline.Collector.Cli;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Collector;

/// <summary>The configuration that the repository comes with.</summary>
public sealed class DefaultConfigurationTests
{
    [Fact]
    public async Task Validate_DefaultConfiguration_IsValidForThisBuild()
    {
        using var output = new StringWriter();
        using var problems = new StringWriter();
        var runner = new CommandRunner(Components.All, output, problems, static _ => null);

        var code = await runner.RunAsync(
            ["validate", "--config", Path.Combine(RepositoryRoot.Path, "otel-config.yaml")], TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (code, problems.ToString()));
    }
}
