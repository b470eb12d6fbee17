using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <content>What the exporter counts. Failures and drops are logged by what is around it, in <c>Pipeline/Sending</c>.</content>
internal sealed partial class RedisStreamsSender
{
    private const string Prefix = "otelcol_exporter_redis_streams_";

    private readonly MetricRegistry _metrics;
    private readonly string _exporter;
    private readonly Counter _written;

    private void Failed(RedisFailure failure)
    {
        _metrics.Counter(
            Prefix + "failed_commands", "Commands that Redis or the way to it did not carry out, by reason.",
            ("exporter", _exporter), ("reason", failure.Reason)).Add(1);
        if (failure.IsTopology)
        {
            _link.AskTopology();
        }
    }

    private Counter Counter(string name, string help) => _metrics.Counter(Prefix + name, help, ("exporter", _exporter));

    private void Gauge(string name, string help, Func<double> read) => _metrics.Gauge(Prefix + name, help, read, ("exporter", _exporter));
}
