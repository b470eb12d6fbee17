using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Writes data points, those of one time and one set of attributes into one document. Not thread-safe.</summary>
internal sealed class MetricDocuments(Surroundings around, EncoderOptions options, EcsDocuments ecs) : IPointValues, IDisposable
{
    // Points that are looked at together.
    private const int WindowSize = 4096;
    private const int MetricsMax = 100;

    private readonly RecordFields _attributes = new();
    private readonly PointGroups _points = new();
    private readonly HistogramCells _cells = new();
    private readonly XxHash128 _hasher = new();
    private ReadOnlyMemory<byte> _chunk;

    /// <summary>Writes the points of a scope from one on.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="metrics">The metrics of the scope, in the chunk.</param>
    /// <param name="skip">Points that were written before; becomes those written by now.</param>
    /// <param name="output">Takes the documents.</param>
    /// <returns>Whether there are more.</returns>
    public bool Write(ReadOnlyMemory<byte> chunk, MessageEnumerator metrics, ref int skip, BulkBuffer output)
    {
        var isFlat = around.Mode == MappingMode.Otel && options.Features.HasFlatMetricNames;
        var more = _points.Read(chunk, metrics, skip, WindowSize, isFlat);
        _chunk = chunk;
        skip += _points.Count;
        for (var start = 0; start < _points.Count;)
        {
            var end = start + 1;
            while (end < _points.Count && end - start < MetricsMax && _points.IsSameGroup(start, end)
                   && !HasField(start, end))
            {
                end++;
            }

            WriteGroup(chunk, start, end, output);
            start = end;
        }

        return more;
    }

    /// <inheritdoc/>
    public void WriteValue(int point, Utf8JsonWriter json)
    {
        ref readonly var place = ref _points[point];
        WriteValue(json, place.Type, MetricPointView.Read(_chunk.Span.Slice(place.PointAt, place.PointLength), place.Type));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _attributes.Dispose();
        _points.Dispose();
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> chunk, in MetricPlace place) =>
        new MetricView(chunk.Slice(place.MetricAt, place.MetricLength)).Name;

    private static ReadOnlySpan<byte> TemplateOf(in MetricView metric, in MetricPointView point) => metric.Type switch
    {
        MetricType.Histogram or MetricType.ExponentialHistogram => "histogram"u8,
        MetricType.Summary => "summary"u8,
        _ when metric is { IsMonotonic: true, Temporality: (ulong)MetricTemporality.Cumulative } => point.IsInt ? "counter_long"u8 : "counter_double"u8,
        _ => point.IsInt ? "gauge_long"u8 : "gauge_double"u8,
    };

    // Two values of one name need two documents.
    private bool HasField(int start, int end)
    {
        var field = _points.FieldOf(end);
        for (var i = start; i < end; i++)
        {
            if (_points.FieldOf(i) == field)
            {
                return true;
            }
        }

        return false;
    }

    private void WriteGroup(ReadOnlyMemory<byte> chunk, int start, int end, BulkBuffer output)
    {
        var bytes = chunk.Span;
        ref readonly var first = ref _points[start];
        _attributes.Read(bytes, MetricPointView.Read(bytes.Slice(first.PointAt, first.PointLength), first.Type).Attributes);
        var route = around.RouteOf(bytes, StreamType.Metrics, _attributes.Routing);
        var names = HashOf(bytes, start, end, out var content);
        Span<byte> id = stackalloc byte[DocumentId.Length];
        DocumentId.Write(DocumentId.Combine(5, content, around.ResourceHash, around.ScopeHash, 0), id);
        var isOtel = around.Mode == MappingMode.Otel;
        output.Begin(route, isOtel && options.Features.HasTimeSeries ? default : id);
        if (isOtel && options.Features.HasMetricTemplates)
        {
            WriteTemplates(bytes, start, end, output);
        }

        output.BeginDocument();
        var json = output.Json;
        if (isOtel)
        {
            WriteOtel(chunk, start, end, route, names, json);
        }
        else
        {
            ecs.BeginPoints(chunk, _attributes, first.TimeNs, route);
            for (var i = start; i < end; i++)
            {
                ecs.AddPoint(chunk, _points.NameOf(i), i);
            }

            ecs.EndPoints(chunk, json, this);
        }

        output.End(end - start);
    }

    private void WriteOtel(ReadOnlyMemory<byte> chunk, int start, int end, Route route, ulong names, Utf8JsonWriter json)
    {
        var bytes = chunk.Span;
        ref readonly var first = ref _points[start];
        RecordWriter.WriteHead(json, first.TimeNs, route);
        if (first.StartNs > 0)
        {
            json.WritePropertyName("start_timestamp"u8);
            Timestamps.WriteMillis(json, first.StartNs);
        }

        RecordWriter.WriteText(json, "unit"u8, new MetricView(bytes.Slice(first.MetricAt, first.MetricLength)).Unit);
        json.WriteStartObject("metrics"u8);
        for (var i = start; i < end; i++)
        {
            JsonValues.WriteName(json, _points.NameOf(i));
            WriteValue(i, json);
        }

        json.WriteEndObject();
        if (options.Features.HasTimeSeries)
        {
            Span<byte> hash = stackalloc byte[8];
            Span<byte> digits = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(hash, names);
            Convert.TryToHexStringLower(hash, digits, out _);
            json.WriteString("_metric_names_hash"u8, digits);
        }

        _attributes.FillList(bytes);
        _attributes.List.Resolve(chunk);
        RecordWriter.WriteAttributes(json, bytes, _attributes.List);
        RecordWriter.WriteTail(json, around);
    }

    private void WriteValue(Utf8JsonWriter json, MetricType type, in MetricPointView point)
    {
        switch (type)
        {
            case MetricType.Histogram or MetricType.ExponentialHistogram:
                _cells.Read(point, type == MetricType.ExponentialHistogram);
                _cells.Write(json, point, around.Mode == MappingMode.Otel && options.Features.HasMetricTemplates);
                break;
            case MetricType.Summary:
                json.WriteStartObject();
                json.WritePropertyName("sum"u8);
                JsonValues.WriteDouble(json, point.Sum ?? 0);
                json.WriteNumber("value_count"u8, point.Count);
                json.WriteEndObject();
                break;
            case var _ when !point.HasValue:
                json.WriteNullValue();
                break;
            case var _ when point.IsInt:
                json.WriteNumberValue(point.IntValue);
                break;
            default:
                JsonValues.WriteDouble(json, point.Value);
                break;
        }
    }

    private void WriteTemplates(ReadOnlySpan<byte> bytes, int start, int end, BulkBuffer output)
    {
        const string Prefix = "metrics.";
        output.Bytes.Write(",\"dynamic_templates\":"u8);
        var json = output.Json;
        json.WriteStartObject();
        Span<byte> path = stackalloc byte[256];
        for (var i = start; i < end; i++)
        {
            ref readonly var place = ref _points[i];
            var metric = new MetricView(bytes.Slice(place.MetricAt, place.MetricLength));
            var point = MetricPointView.Read(bytes.Slice(place.PointAt, place.PointLength), place.Type);
            var name = _points.NameOf(i);
            if (name.Length + Prefix.Length > path.Length)
            {
                // OpenTelemetry limits names to 255 characters; a longer one gets the index's own guess.
                continue;
            }

            "metrics."u8.CopyTo(path);
            name.CopyTo(path[Prefix.Length..]);
            JsonValues.WriteName(json, path[..(Prefix.Length + name.Length)]);
            json.WriteStringValue(TemplateOf(metric, point));
        }

        json.WriteEndObject();
        json.Flush();
        json.Reset();
    }

    // The names alone, and everything in the points: another second of a histogram is another document, and so is what
    // was added to a second later.
    private ulong HashOf(ReadOnlySpan<byte> bytes, int start, int end, out UInt128 content)
    {
        ulong names = 0;
        _hasher.Reset();
        for (var i = start; i < end; i++)
        {
            ref readonly var place = ref _points[i];
            var name = NameOf(bytes, place);
            names += XxHash64.HashToUInt64(name);
            _hasher.Append(name);
            _hasher.Append(bytes.Slice(place.PointAt, place.PointLength));
        }

        content = _hasher.GetCurrentHashAsUInt128();
        return names;
    }
}
