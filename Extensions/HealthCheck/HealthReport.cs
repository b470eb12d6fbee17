using System.Globalization;
using System.Text.Json;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Extensions.HealthCheck;

/// <summary>The collector's health at one moment, evaluated and written as JSON in the shape of the Collector's status page.</summary>
/// <param name="collector">The collector.</param>
/// <param name="config">What counts as healthy.</param>
/// <param name="now">The moment.</param>
internal readonly struct HealthReport(CollectorStatus collector, HealthCheckConfig config, DateTimeOffset now)
{
    /// <summary>The verdict on everything.</summary>
    public HealthSummary Overall()
    {
        var verdict = Of(collector.Extensions);
        foreach (var pipeline in collector.Pipelines)
        {
            verdict = verdict.Worse(Of(pipeline));
        }

        // Between the order to stop and the first component's stopping, nothing new should be sent here either.
        return collector.IsRunning || verdict.StatusCode != 200
            ? verdict
            : new HealthSummary(ComponentStatus.Starting, "", collector.StartedAt, false);
    }

    /// <summary>The verdict on a pipeline.</summary>
    /// <param name="pipeline">The pipeline.</param>
    public HealthSummary Of(PipelineHealth pipeline) =>
        Of(pipeline.Receivers).Worse(Of(pipeline.Processors)).Worse(Of(pipeline.Exporters));

    /// <summary>Writes the verdict on everything.</summary>
    /// <param name="json">Takes it.</param>
    /// <param name="verbose">Whether its parts are written too.</param>
    public void Write(Utf8JsonWriter json, bool verbose)
    {
        json.WriteStartObject();
        WriteStart(json);
        WriteVerdict(json, Overall());
        if (verbose)
        {
            json.WriteStartObject("components");
            json.WriteStartObject("extensions");
            WriteVerdict(json, Of(collector.Extensions));
            json.WriteStartObject("components");
            WriteComponents(json, collector.Extensions);
            json.WriteEndObject();
            json.WriteEndObject();
            foreach (var pipeline in collector.Pipelines)
            {
                json.WriteStartObject($"pipeline:{pipeline.Id}");
                WriteParts(json, pipeline, verbose: true);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the verdict on a pipeline.</summary>
    /// <param name="json">Takes it.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="verbose">Whether its components are written too.</param>
    public void Write(Utf8JsonWriter json, PipelineHealth pipeline, bool verbose)
    {
        json.WriteStartObject();
        WriteStart(json);
        WriteParts(json, pipeline, verbose);
        json.WriteEndObject();
    }

    private void WriteStart(Utf8JsonWriter json) =>
        json.WriteString("start_time", collector.StartedAt.ToString("O", CultureInfo.InvariantCulture));

    private void WriteParts(Utf8JsonWriter json, PipelineHealth pipeline, bool verbose)
    {
        WriteVerdict(json, Of(pipeline));
        if (verbose)
        {
            json.WriteStartObject("components");
            WriteComponents(json, pipeline.Receivers);
            WriteComponents(json, pipeline.Processors);
            WriteComponents(json, pipeline.Exporters);
            json.WriteEndObject();
        }
    }

    private void WriteComponents(Utf8JsonWriter json, IReadOnlyList<ComponentHealth> components)
    {
        foreach (var component in components)
        {
            json.WriteStartObject($"{component.Kind.Noun()}:{component.Id}");
            WriteVerdict(json, HealthSummary.Of(component.Report, config, now));
            json.WriteEndObject();
        }
    }

    private static void WriteVerdict(Utf8JsonWriter json, in HealthSummary verdict)
    {
        json.WriteBoolean("healthy", verdict.IsHealthy);
        json.WriteString("status", $"Status{verdict.Status}");
        if (verdict.Message.Length > 0)
        {
            json.WriteString("error", verdict.Message);
        }

        json.WriteString("status_time", verdict.Since.ToString("O", CultureInfo.InvariantCulture));
    }

    private HealthSummary Of(IReadOnlyList<ComponentHealth> components)
    {
        var verdict = new HealthSummary(ComponentStatus.OK, "", collector.StartedAt, true);
        foreach (var component in components)
        {
            verdict = verdict.Worse(HealthSummary.Of(component.Report, config, now));
        }

        return verdict;
    }
}
