using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// The attributes of one record, split into those that become fields of the document and those that only say where it
/// goes. Reused from record to record; not thread-safe.
/// </summary>
internal sealed class RecordFields : IDisposable
{
    private AttributeRange[] _attributes = new AttributeRange[64];
    private int _count;
    private RoutingAttributes _routing;

    /// <summary>The attributes that become fields.</summary>
    public ReadOnlySpan<AttributeRange> Attributes => _attributes.AsSpan(0, _count);

    /// <summary>The fields of an object of their own, once <see cref="FillList"/> was called.</summary>
    public FieldList List { get; } = new();

    /// <summary>Where the record wants to go; what it does not say is empty.</summary>
    public ref readonly RoutingAttributes Routing => ref _routing;

    /// <summary>Reads the attributes of the next record.</summary>
    public void Read(ReadOnlySpan<byte> chunk, AttributeEnumerator attributes)
    {
        _count = 0;
        _routing = default;
        while (attributes.MoveNext())
        {
            var attribute = AttributeRange.Of(chunk, attributes.Current);
            if (_routing.TryTake(chunk, attribute))
            {
                continue;
            }

            if (_count == _attributes.Length)
            {
                Array.Resize(ref _attributes, 2 * _count);
            }

            _attributes[_count++] = attribute;
        }
    }

    /// <summary>Fills <see cref="List"/> with the attributes; documents that write them among other fields do not need it.</summary>
    public void FillList(ReadOnlySpan<byte> chunk)
    {
        List.Clear();
        foreach (ref readonly var attribute in Attributes)
        {
            List.Add(chunk, attribute);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => List.Dispose();
}
