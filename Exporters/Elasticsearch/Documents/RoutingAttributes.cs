using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>The attributes that say where a document goes. They are taken out of the document's own attributes.</summary>
internal struct RoutingAttributes
{
    private AttributeRange _dataset;
    private AttributeRange _dataNamespace;
    private AttributeRange _index;
    private AttributeRange _documentId;
    private AttributeRange _pipeline;
    private AttributeRange _mode;

    /// <summary>Whether any of them is there.</summary>
    public bool IsAny { get; private set; }

    /// <summary><c>data_stream.dataset</c>.</summary>
    public readonly ReadOnlySpan<byte> Dataset(ReadOnlySpan<byte> chunk) => TextOf(chunk, _dataset);

    /// <summary><c>data_stream.namespace</c>.</summary>
    public readonly ReadOnlySpan<byte> Namespace(ReadOnlySpan<byte> chunk) => TextOf(chunk, _dataNamespace);

    /// <summary><c>elasticsearch.index</c>.</summary>
    public readonly ReadOnlySpan<byte> Index(ReadOnlySpan<byte> chunk) => TextOf(chunk, _index);

    /// <summary><c>elasticsearch.document_id</c>.</summary>
    public readonly ReadOnlySpan<byte> DocumentId(ReadOnlySpan<byte> chunk) => TextOf(chunk, _documentId);

    /// <summary><c>elasticsearch.ingest_pipeline</c>.</summary>
    public readonly ReadOnlySpan<byte> Pipeline(ReadOnlySpan<byte> chunk) => TextOf(chunk, _pipeline);

    /// <summary><c>elastic.mapping.mode</c>, of a scope.</summary>
    public readonly ReadOnlySpan<byte> Mode(ReadOnlySpan<byte> chunk) => TextOf(chunk, _mode);

    /// <summary>Keeps an attribute that is about routing.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="attribute">The attribute.</param>
    /// <returns>Whether it is.</returns>
    public bool TryTake(ReadOnlySpan<byte> chunk, in AttributeRange attribute)
    {
        // Nearly every attribute ends here.
        if (attribute.KeyLength is < 16 or > 29 || chunk[attribute.KeyAt] is not ((byte)'d' or (byte)'e'))
        {
            return false;
        }

        var key = chunk.Slice(attribute.KeyAt, attribute.KeyLength);
        if (key.SequenceEqual("data_stream.dataset"u8))
        {
            _dataset = attribute;
        }
        else if (key.SequenceEqual("data_stream.namespace"u8))
        {
            _dataNamespace = attribute;
        }
        else if (key.SequenceEqual("elasticsearch.index"u8))
        {
            _index = attribute;
        }
        else if (key.SequenceEqual("elasticsearch.document_id"u8))
        {
            _documentId = attribute;
        }
        else if (key.SequenceEqual("elasticsearch.ingest_pipeline"u8))
        {
            _pipeline = attribute;
        }
        else if (key.SequenceEqual("elastic.mapping.mode"u8))
        {
            _mode = attribute;
        }
        else if (!key.SequenceEqual("data_stream.type"u8))
        {
            return false;
        }

        IsAny = true;
        return true;
    }

    private static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> chunk, AttributeRange attribute) =>
        attribute.ValueLength == 0
            ? default
            : new AnyValueView(chunk.Slice(attribute.ValueAt, attribute.ValueLength)).Text;
}
