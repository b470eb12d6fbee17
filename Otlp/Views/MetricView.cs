using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>An encoded <c>Metric</c> without its points, which are read on demand.</summary>
/// <remarks>Of several occurrences of a field the last one counts. Valid as long as the bytes it was created from.</remarks>
public readonly ref struct MetricView
{
    private readonly ReadOnlySpan<byte> _encoded;
    private readonly ReadOnlySpan<byte> _data;

    /// <summary>Reads the metric.</summary>
    /// <param name="encoded">The message's bytes.</param>
    public MetricView(ReadOnlySpan<byte> encoded)
    {
        _encoded = encoded;
        var fields = new WireReader(encoded);
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
                case 2:
                    Description = fields.Content;
                    break;
                case 3:
                    Unit = fields.Content;
                    break;
                default:
                    if (TypeOf(fields.Field) is var type && type != MetricType.None)
                    {
                        Type = type;
                        _data = fields.Content;
                    }

                    break;
            }
        }
    }

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The description in UTF-8.</summary>
    public ReadOnlySpan<byte> Description { get; }

    /// <summary>The unit in UTF-8, in the UCUM notation.</summary>
    public ReadOnlySpan<byte> Unit { get; }

    /// <summary>The type of the points; <see cref="MetricType.None"/> for a metric without data.</summary>
    public MetricType Type { get; }

    /// <summary>The aggregation temporality's number, also an unknown one; 0 for gauges and summaries.</summary>
    public ulong Temporality =>
        Type is MetricType.Sum or MetricType.Histogram or MetricType.ExponentialHistogram ? WireFields.LastNumber(_data, 2) : 0;

    /// <summary>Whether a sum only increases.</summary>
    public bool IsMonotonic => Type == MetricType.Sum && WireFields.LastNumber(_data, 3) != 0;

    /// <summary>The metadata of the metric.</summary>
    public AttributeEnumerator Metadata => new(_encoded, 12);

    /// <summary>Encoded data points; read them with <see cref="MetricPointView.Read"/> and <see cref="Type"/>.</summary>
    public MessageEnumerator Points => new(_data, 1);

    private static MetricType TypeOf(int field) => field switch
    {
        5 => MetricType.Gauge,
        7 => MetricType.Sum,
        9 => MetricType.Histogram,
        10 => MetricType.ExponentialHistogram,
        11 => MetricType.Summary,
        _ => MetricType.None,
    };
}
