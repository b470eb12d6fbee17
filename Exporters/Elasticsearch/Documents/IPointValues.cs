using System.Text.Json;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Writes the values of data points whose names are among a document's fields.</summary>
internal interface IPointValues
{
    /// <summary>Writes a value.</summary>
    /// <param name="point">The number of the point.</param>
    /// <param name="json">The writer, behind the name.</param>
    void WriteValue(int point, Utf8JsonWriter json);
}
