using System.Globalization;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Redis;

/// <summary>The keys of streams.</summary>
public static class StreamKeyNames
{
    /// <summary>Stands for the signal's name in a configured stream name.</summary>
    public const string SignalPlace = "{signal}";

    /// <summary>A stream name where nothing is configured.</summary>
    public const string Default = "telemetry:" + SignalPlace;

    /// <summary>Puts the signal's name into a configured stream name.</summary>
    /// <param name="name">The configured name.</param>
    /// <param name="signal">The signal.</param>
    public static string For(string name, Signal signal) => name.Replace(SignalPlace, signal.PipelineName(), StringComparison.Ordinal);

    /// <summary>
    /// The key of a partition: the name itself where there is only one, else <c>name:{n}</c>. The braces make the number
    /// the hash tag: partition n of all streams is in one slot of a cluster, so that commands may name several of them.
    /// </summary>
    /// <param name="name">The stream's name.</param>
    /// <param name="partition">0 to <paramref name="partitions"/> - 1.</param>
    /// <param name="partitions">How many there are.</param>
    public static string Partition(string name, int partition, int partitions) =>
        partitions == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{{{partition}}}");
}
