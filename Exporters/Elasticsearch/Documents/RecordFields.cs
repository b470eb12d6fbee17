using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// The attributes of one record, split into those that become fields of the document and those that only say where it
/// goes. Reused from record to record; not thread-safe.
/// </summary>
internal sealed class RecordFields : IDisposable
{
    /// <summary>The attributes that become fields.</summary>
    public FieldList List { get; } = new();

    /// <summary>Where the record wants to go; what it does not say is empty.</summary>
    public ref RoutingAttributes Routing => ref _routing;

    private RoutingAttributes _routing;

    /// <summary>Begins a new record.</summary>
    public void Clear()
    {
        List.Clear();
        _routing = default;
    }

    /// <summary>Takes in one attribute.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the encoded <c>KeyValue</c>.</param>
    /// <param name="length">Its length.</param>
    public void Add(ReadOnlySpan<byte> chunk, int at, int length)
    {
        var attribute = AttributeRange.Read(chunk, at, length);
        if (!_routing.TryTake(chunk, attribute))
        {
            List.Add(chunk, attribute);
        }
    }

    /// <summary>Takes in all attributes of a message.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the message.</param>
    /// <param name="length">Its length.</param>
    /// <param name="field">The number of its field of attributes.</param>
    public void AddAll(ReadOnlySpan<byte> chunk, int at, int length, int field)
    {
        var fields = new WireReader(chunk, at, length);
        while (fields.Next())
        {
            if (fields.Field == field && fields.Type == WireType.LengthDelimited)
            {
                Add(chunk, fields.ValueOffset, fields.ValueLength);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => List.Dispose();
}
