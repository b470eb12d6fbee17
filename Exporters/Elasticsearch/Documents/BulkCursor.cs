namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>How far a batch is encoded: the next chunk, resource, scope and record.</summary>
internal struct BulkCursor
{
    /// <summary>Index of the chunk.</summary>
    public int Chunk;

    /// <summary>Offset in the chunk of the first resource that is not done.</summary>
    public int ResourceAt;

    /// <summary>Offset in the resource of the first scope that is not done.</summary>
    public int ScopeAt;

    /// <summary>Offset in the scope at which the records that are not done begin; of points the number of those that are.</summary>
    public int Record;
}
