namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>How far a batch is encoded: the next chunk, resource, scope and record.</summary>
internal struct BulkCursor
{
    /// <summary>Index of the chunk.</summary>
    public int Chunk;

    /// <summary>Offset of the first resource that is not done.</summary>
    public int ResourceAt;

    /// <summary>Offset of the first scope in it that is not done.</summary>
    public int ScopeAt;

    /// <summary>Offset of the first record in it that is not done; of points their number.</summary>
    public int Record;
}
