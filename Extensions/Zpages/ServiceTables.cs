using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Extensions.Zpages;

/// <summary>What there is to say about the process and its extensions.</summary>
internal static class ServiceTables
{
    /// <summary>Build, runtime and the other pages.</summary>
    /// <param name="collector">The collector.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<ZpageTable> Service(CollectorStatus collector, DateTimeOffset now) =>
    [
        new("service", ["name", "value"],
        [
            ["version", typeof(ServiceTables).Assembly.GetName().Version?.ToString(3) ?? ""],
            ["running", collector.IsRunning ? "yes" : "no"],
            ["start time", collector.StartedAt.ToString("O", CultureInfo.InvariantCulture)],
            ["uptime", GoDuration.Format(now - collector.StartedAt)],
            ["runtime", RuntimeInformation.FrameworkDescription],
            ["system", RuntimeInformation.RuntimeIdentifier],
            ["processors", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)],
        ]),
        new("pages", ["path"], [["/debug/pipelinez"], ["/debug/extensionz"], ["/debug/featurez"]]),
    ];

    /// <summary>The extensions.</summary>
    /// <param name="collector">The collector.</param>
    public static IReadOnlyList<ZpageTable> Extensions(CollectorStatus collector) =>
    [
        new("extensions", ["id", "status", "message", "since"],
        [
            .. collector.Extensions.Select(static e => (IReadOnlyList<string>)
            [
                e.Id.ToString(), e.Report.Status.ToString(), e.Report.Message,
                e.Report.Since.ToString("O", CultureInfo.InvariantCulture),
            ]),
        ]),
    ];

    /// <summary>Feature gates, of which this build has none.</summary>
    public static IReadOnlyList<ZpageTable> Features() => [new("feature_gates", ["id"], [])];
}
