using System.Net;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>Shows the newest value of every series on a page that Prometheus scrapes.</summary>
internal sealed class PrometheusExporter : IExporter
{
    private readonly SampleStore _store;
    private readonly PageListener _listener;
    private readonly PrometheusConfig _config;
    private readonly Counter _sent;
    private readonly Dictionary<DropReason, Counter> _dropped = [];
    private readonly Action<DropReason> _countDropped;

    public PrometheusExporter(ComponentContext context, PrometheusConfig config)
    {
        _config = config;
        _store = new SampleStore(config, context.Time);
        _listener = new PageListener(new PageServer(config.Endpoint, Answer, context.Loggers, config.AllowedHosts), context);
        var exporter = ("exporter", context.Id.ToString());
        _sent = context.Metrics.Counter("otelcol_exporter_sent_metric_points", "Data points sent to the destination.", exporter);
        foreach (var (reason, label) in (ReadOnlySpan<(DropReason, string)>)[
            (DropReason.SeriesLimit, "series_limit"), (DropReason.TypeConflict, "type_conflict"),
            (DropReason.NameConflict, "name_conflict"), (DropReason.OutOfOrder, "out_of_order"), (DropReason.NoValue, "no_value")])
        {
            _dropped[reason] = context.Metrics.Counter(
                "otelcol_exporter_prometheus_dropped_points", "Data points that are not shown, by reason.", exporter, ("reason", label));
        }

        _countDropped = reason => _dropped[reason].Add(1);
        context.Metrics.Gauge("otelcol_exporter_prometheus_series", "Series shown.", () => _store.SeriesCount, exporter);
    }

    /// <summary>Where it listens; null while it does not.</summary>
    internal IPEndPoint? Address => _listener.Address;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => _listener.StartAsync(cancellation);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => _listener.StopAsync(cancellation);

    /// <inheritdoc/>
    /// <remarks>Always accepts: a point that cannot be shown is counted, and sending it again would not help.</remarks>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        _sent.Add(_store.Take(batch, _countDropped));
        return new(ConsumeResult.Accepted);
    }

    /// <summary>Answers a scrape.</summary>
    internal void Answer(PageRequest request, PageAnswer answer)
    {
        if (request.Path != "/metrics")
        {
            answer.Text(404, "there is /metrics");
            return;
        }

        var isOpenMetrics = _config.EnableOpenMetrics
            && request.Accept.Contains(ExpositionWriter.OpenMetricsType, StringComparison.OrdinalIgnoreCase);
        var writer = new ExpositionWriter(answer.Body, isOpenMetrics, _config.SendTimestamps);
        answer.StatusCode = 200;
        answer.Vary = _config.EnableOpenMetrics ? "Accept" : null;
        answer.ContentType = writer.ContentType;
        _store.Write(writer.Write);
        writer.End();
    }
}
