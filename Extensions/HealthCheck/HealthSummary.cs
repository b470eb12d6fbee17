using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Extensions.HealthCheck;

/// <summary>How a component, a pipeline or the whole collector is doing, and whether that counts as healthy.</summary>
/// <param name="Status">The gravest status of its parts.</param>
/// <param name="Message">What that part says.</param>
/// <param name="Since">When that part came into its status.</param>
/// <param name="IsHealthy">Whether that is still healthy by the settings.</param>
internal readonly record struct HealthSummary(ComponentStatus Status, string Message, DateTimeOffset Since, bool IsHealthy)
{
    /// <summary>The code of the status page: 503 while starting or stopping, 500 when not healthy, else 200.</summary>
    public int StatusCode => Status switch
    {
        ComponentStatus.None or ComponentStatus.Starting or ComponentStatus.Stopping or ComponentStatus.Stopped => 503,
        _ => IsHealthy ? 200 : 500,
    };

    /// <summary>Judges one component.</summary>
    /// <param name="report">What it said last.</param>
    /// <param name="config">What counts as healthy.</param>
    /// <param name="now">The time, for errors that may last a while.</param>
    public static HealthSummary Of(ComponentReport report, HealthCheckConfig config, DateTimeOffset now)
    {
        var isHealthy = report.Status switch
        {
            ComponentStatus.OK => true,
            ComponentStatus.RecoverableError =>
                !config.IncludeRecoverableErrors || now - report.Since < config.RecoveryDuration,
            ComponentStatus.PermanentError => !config.IncludePermanentErrors,
            _ => false,
        };
        return new HealthSummary(report.Status, report.Message, report.Since, isHealthy);
    }

    /// <summary>The graver of two; of equally grave ones the one that is not healthy, then the first.</summary>
    /// <param name="other">The other.</param>
    public HealthSummary Worse(in HealthSummary other) =>
        Gravity(other.Status) > Gravity(Status) || (other.Status == Status && IsHealthy && !other.IsHealthy) ? other : this;

    // A part that is not at work outweighs one that works with errors, as in the Collector's status aggregation.
    private static int Gravity(ComponentStatus status) => status switch
    {
        ComponentStatus.OK => 0,
        ComponentStatus.RecoverableError => 1,
        ComponentStatus.PermanentError => 2,
        ComponentStatus.None or ComponentStatus.Starting => 3,
        ComponentStatus.Stopped => 4,
        ComponentStatus.Stopping => 5,
        _ => 6,
    };
}
