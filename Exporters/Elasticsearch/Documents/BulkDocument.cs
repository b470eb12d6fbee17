namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Where in a bulk body a document and its action lie.</summary>
internal struct BulkDocument
{
    /// <summary>Offset of the action.</summary>
    public int At;

    /// <summary>Offset of the document.</summary>
    public int DocumentAt;

    /// <summary>Length of both, with both ends of line.</summary>
    public int Length;

    /// <summary>Spans, points or records that are gone when the document is refused; 0 for a span's event.</summary>
    public int Items;
}
