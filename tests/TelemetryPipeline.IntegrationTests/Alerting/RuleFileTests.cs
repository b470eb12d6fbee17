using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.Alerting;

/// <summary>The Prometheus files we ship, through Prometheus's own tool.</summary>
public sealed class RuleFileTests
{
    [Theory]
    [InlineData("check rules telemetry-pipeline.rules.yml")]
    [InlineData("test rules telemetry-pipeline.test.yml")]
    [InlineData("check config prometheus.yml")]
    public async Task Promtool_OnOurFiles_FindsNothingWrong(string command)
    {
        Assert.SkipWhen(MonitoringServers.IsMissing, MonitoringServers.MissingReason);
        await using var promtool = new ChildProcess(
            MonitoringServers.Promtool!, command.Split(' '), workingDirectory: Path.Combine(RepositoryRoot.Path, "deploy", "prometheus"));
        Assert.True(await promtool.WaitForExitAsync() == 0, promtool.Output);
    }
}
