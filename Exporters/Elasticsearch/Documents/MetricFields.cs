using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>The fields of a metric without its points.</summary>
internal ref struct MetricFields
{
    /// <summary>Reads a metric.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the metric.</param>
    /// <param name="length">Its length.</param>
    public MetricFields(ReadOnlySpan<byte> chunk, int at, int length)
    {
        DataAt = at;
        var fields = new WireReader(chunk, at, length);
        while (fields.Next())
        {
            if (fields.Type != WireType.LengthDelimited)
            {
                continue;
            }

            switch (fields.Field)
            {
                case 1:
                    Name = fields.Content;
                    break;
                case 3:
                    Unit = fields.Content;
                    break;
                case 5 or 7 or 9 or 10 or 11:
                    Type = TypeOf(fields.Field);
                    (DataAt, DataLength) = (fields.ValueOffset, fields.ValueLength);
                    break;
                default:
                    break;
            }
        }

        ReadData(chunk);
    }

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The unit.</summary>
    public ReadOnlySpan<byte> Unit { get; }

    /// <summary>What kind of points it has.</summary>
    public MetricType Type { get; }

    /// <summary>Offset of the message that holds the points.</summary>
    public int DataAt { get; }

    /// <summary>Its length.</summary>
    public int DataLength { get; }

    /// <summary>Whether the value is a counter: a cumulative sum that only grows.</summary>
    public bool IsCounter { get; private set; }

    /// <summary>The number of the attributes' field in the points of a type.</summary>
    /// <param name="type">The type.</param>
    public static int AttributeField(MetricType type) => type switch
    {
        MetricType.Histogram => 9,
        MetricType.ExponentialHistogram => 1,
        _ => 7,
    };

    private static MetricType TypeOf(int field) => field switch
    {
        5 => MetricType.Gauge,
        7 => MetricType.Sum,
        9 => MetricType.Histogram,
        10 => MetricType.ExponentialHistogram,
        _ => MetricType.Summary,
    };

    private void ReadData(ReadOnlySpan<byte> chunk)
    {
        if (Type != MetricType.Sum)
        {
            return;
        }

        var isMonotonic = false;
        var isCumulative = false;
        var fields = new WireReader(chunk, DataAt, DataLength);
        while (fields.Next())
        {
            if (fields.Type == WireType.Varint)
            {
                isCumulative = fields.Field == 2 ? fields.Number == 2 : isCumulative;
                isMonotonic = fields.Field == 3 ? fields.Number != 0 : isMonotonic;
            }
        }

        IsCounter = isMonotonic && isCumulative;
    }
}
