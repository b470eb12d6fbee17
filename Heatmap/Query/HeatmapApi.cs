using System.Globalization;
using System.Text.Json;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Heatmap.Query;

/// <summary>Answers questions about the heat map over HTTP: docs/heatmap.md describes them.</summary>
/// <param name="grid">The grid.</param>
/// <param name="dimensions">What series are told apart by.</param>
/// <param name="stream">Takes in followers.</param>
/// <param name="generation">A number that no earlier run of the process had: versions count from 0 in each.</param>
internal sealed class HeatmapApi(LatencyGrid grid, HeatmapDimension[] dimensions, HeatmapStream stream, long generation)
{
    private const string JsonType = "application/json";

    // What ended more than a minute ago is seldom amended; the entity tag tells when it was.
    private const int SettledSeconds = 60;
    private const string SettledCaching = "private, max-age=10";
    private const string FreshCaching = "private, no-cache";

    /// <summary>Answers a request.</summary>
    public void Answer(PageRequest request, PageAnswer answer)
    {
        var parameters = new QueryParameters(request.Query);
        switch (request.Path)
        {
            case "/api/heatmap/series":
                AnswerSeries(parameters, answer);
                break;
            case "/api/heatmap/cells":
                AnswerCells(request, parameters, answer);
                break;
            case "/api/heatmap/exemplars":
                AnswerExemplars(parameters, answer);
                break;
            case "/api/heatmap/stream":
                AnswerStream(parameters, answer);
                break;
            default:
                Refuse(answer, 404, "there are /api/heatmap/series, /api/heatmap/cells, /api/heatmap/exemplars and /api/heatmap/stream");
                break;
        }
    }

    private static bool IsRefused(QueryParameters parameters, PageAnswer answer)
    {
        if (parameters.Problem is { } problem)
        {
            Refuse(answer, 400, problem);
        }

        return parameters.Problem is not null;
    }

    private static void Refuse(PageAnswer answer, int status, string problem)
    {
        answer.StatusCode = status;
        answer.ContentType = JsonType;
        using var json = new Utf8JsonWriter(answer.Body);
        json.WriteStartObject();
        json.WriteString("error", problem);
        json.WriteEndObject();
    }

    private void AnswerSeries(QueryParameters parameters, PageAnswer answer)
    {
        parameters.Finish();
        if (IsRefused(parameters, answer))
        {
            return;
        }

        answer.StatusCode = 200;
        answer.ContentType = JsonType;
        answer.CacheControl = FreshCaching;
        using var json = new Utf8JsonWriter(answer.Body);
        json.WriteStartObject();
        json.WriteNumber("now", grid.NowSecond);
        json.WriteNumber("oldest", grid.OldestSecond);
        json.WriteNumber("seconds", LatencyGrid.ColumnCount);
        json.WriteNumber("series_version", grid.SeriesVersion);
        json.WriteNumber("bucket_ms", ColumnJson.Ms(LatencyBuckets.BucketWidthNs));
        json.WriteNumber("buckets", LatencyBuckets.BucketCount);
        json.WriteNumber("overflow_from_ms", ColumnJson.Ms(LatencyBuckets.OverflowFromNs));
        json.WriteStartArray("tail_from_ms");
        for (var slot = LatencyBuckets.FirstTailSlot; slot < LatencyBuckets.SlotCount; slot++)
        {
            json.WriteNumberValue(ColumnJson.Ms(LatencyBuckets.LowerBoundNs(slot)));
        }

        json.WriteEndArray();
        json.WriteStartArray("dimensions");
        foreach (var dimension in dimensions)
        {
            json.WriteStringValue(dimension.Name);
        }

        json.WriteEndArray();
        json.WriteStartArray("series");
        foreach (var series in parameters.Series(grid))
        {
            WriteSeries(json, series);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteSeries(Utf8JsonWriter json, int series)
    {
        var key = grid.KeyOf(series);
        json.WriteStartObject();
        json.WriteNumber("id", series);
        json.WriteBoolean("overflow", key is null);
        json.WriteStartObject("dimensions");
        foreach (var (name, value) in key is null ? [] : SeriesKey.Values(key, dimensions))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void AnswerCells(PageRequest request, QueryParameters parameters, PageAnswer answer)
    {
        var query = CellsQuery.Read(parameters, grid);
        if (IsRefused(parameters, answer))
        {
            return;
        }

        var isBinary = request.Accept.Contains(CellsWriter.BinaryType, StringComparison.OrdinalIgnoreCase);

        // Before the columns are read: an answer may be newer than its tag, but never older.
        answer.EntityTag = TagOf(query, isBinary);
        answer.StatusCode = 200;
        answer.Vary = "Accept";
        answer.CacheControl = query.To <= grid.NowSecond - SettledSeconds ? SettledCaching : FreshCaching;
        answer.ContentType = isBinary ? CellsWriter.BinaryType : JsonType;
        if (answer.IsUnchangedFor(request))
        {
            return;
        }

        if (isBinary)
        {
            CellsWriter.WriteBinary(grid, query, answer.Body);
        }
        else
        {
            CellsWriter.WriteJson(grid, query, answer.Body);
        }
    }

    private string TagOf(CellsQuery query, bool isBinary)
    {
        var version = 0L;
        for (var second = query.From; second < query.To; second++)
        {
            version = Math.Max(version, grid.VersionOf(second));
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"W/\"{generation:x}-{version:x}-{grid.SeriesVersion:x}-{query.From:x}-{query.To:x}-{(isBinary ? 'b' : 'j')}\"");
    }

    private void AnswerExemplars(QueryParameters parameters, PageAnswer answer)
    {
        var query = ExemplarsQuery.Read(parameters, grid);
        if (IsRefused(parameters, answer))
        {
            return;
        }

        answer.StatusCode = 200;
        answer.ContentType = JsonType;
        query.WriteJson(grid, answer.Body);
    }

    private void AnswerStream(QueryParameters parameters, PageAnswer answer)
    {
        parameters.Finish();
        if (IsRefused(parameters, answer))
        {
            return;
        }

        if (stream.IsFull)
        {
            Refuse(answer, 503, "too many follow the stream already; try again later");
            return;
        }

        answer.StatusCode = 200;
        answer.ContentType = "text/event-stream";
        answer.Stream = async (output, gone) =>
        {
            if (stream.TryOpen() is not { } client)
            {
                return false;
            }

            try
            {
                return await client.RunAsync(output, gone).ConfigureAwait(false);
            }
            finally
            {
                stream.Leave(client);
            }
        };
    }
}
