using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// A data point of any type, read once from its bytes: what its type does not have is 0, absent or empty. Valid as long
/// as the batch it was read from is not changed.
/// </summary>
public readonly ref struct MetricPointView
{
    private const uint NoRecordedValueFlag = 1;
    private readonly ReadOnlySpan<byte> _message;
    private readonly MessageKind _kind;
    private readonly ReadOnlySpan<byte> _positive;
    private readonly ReadOnlySpan<byte> _negative;

    internal MetricPointView(ReadOnlySpan<byte> message, MessageKind kind)
    {
        _message = message;
        _kind = kind;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            switch (kind, fields.Field, fields.Type)
            {
                case (_, 2, WireType.Fixed64):
                    StartNs = fields.Number;
                    break;
                case (_, 3, WireType.Fixed64):
                    TimeNs = fields.Number;
                    break;
                case (MessageKind.NumberDataPoint, 4, WireType.Fixed64):
                    (HasValue, IsInt, Value) = (true, false, BitConverter.UInt64BitsToDouble(fields.Number));
                    break;
                case (MessageKind.NumberDataPoint, 6, WireType.Fixed64):
                    (HasValue, IsInt, IntValue, Value) = (true, true, (long)fields.Number, (long)fields.Number);
                    break;
                case (not MessageKind.NumberDataPoint, 4, WireType.Fixed64):
                    Count = fields.Number;
                    break;
                case (not MessageKind.NumberDataPoint, 5, WireType.Fixed64):
                    Sum = BitConverter.UInt64BitsToDouble(fields.Number);
                    break;
                case (MessageKind.NumberDataPoint or MessageKind.SummaryDataPoint, 8, WireType.Varint):
                case (not MessageKind.NumberDataPoint, 10, WireType.Varint):
                    Flags = (uint)fields.Number;
                    break;
                case (MessageKind.HistogramDataPoint, 11, WireType.Fixed64):
                case (MessageKind.ExponentialHistogramDataPoint, 12, WireType.Fixed64):
                    Min = BitConverter.UInt64BitsToDouble(fields.Number);
                    break;
                case (MessageKind.HistogramDataPoint, 12, WireType.Fixed64):
                case (MessageKind.ExponentialHistogramDataPoint, 13, WireType.Fixed64):
                    Max = BitConverter.UInt64BitsToDouble(fields.Number);
                    break;
                case (MessageKind.ExponentialHistogramDataPoint, 6, WireType.Varint):
                    var zigzag = (uint)fields.Number;
                    Scale = (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
                    break;
                case (MessageKind.ExponentialHistogramDataPoint, 7, WireType.Fixed64):
                    ZeroCount = fields.Number;
                    break;
                case (MessageKind.ExponentialHistogramDataPoint, 8, WireType.LengthDelimited):
                    _positive = fields.Content;
                    break;
                case (MessageKind.ExponentialHistogramDataPoint, 9, WireType.LengthDelimited):
                    _negative = fields.Content;
                    break;
                case (MessageKind.ExponentialHistogramDataPoint, 14, WireType.Fixed64):
                    (HasZeroThreshold, ZeroThreshold) = (true, BitConverter.UInt64BitsToDouble(fields.Number));
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Reads an encoded data point, for encoders that walk over bytes in their own way.</summary>
    /// <param name="message">The point.</param>
    /// <param name="type">The type of its metric.</param>
    public static MetricPointView Read(ReadOnlySpan<byte> message, MetricType type) => new(message, type switch
    {
        MetricType.Histogram => MessageKind.HistogramDataPoint,
        MetricType.ExponentialHistogram => MessageKind.ExponentialHistogramDataPoint,
        MetricType.Summary => MessageKind.SummaryDataPoint,
        _ => MessageKind.NumberDataPoint,
    });

    /// <summary>Start of what the point covers, in nanoseconds since the Unix epoch; 0 where it is not said.</summary>
    public ulong StartNs { get; }

    /// <summary>End of what the point covers, in nanoseconds since the Unix epoch.</summary>
    public ulong TimeNs { get; }

    /// <summary>Flags of <c>DataPointFlags</c>.</summary>
    public uint Flags { get; }

    /// <summary>False for a point that only says that its series has ended.</summary>
    public bool HasRecordedValue => (Flags & NoRecordedValueFlag) == 0;

    /// <summary>The attributes.</summary>
    public AttributeEnumerator Attributes => new(_message, NodeKinds.AttributeField(_kind));

    /// <summary>Whether <see cref="ZeroThreshold"/> was sent.</summary>
    public bool HasZeroThreshold { get; }

    /// <summary>Whether a number point has a value.</summary>
    public bool HasValue { get; }

    /// <summary>Whether the value is an integer.</summary>
    public bool IsInt { get; }

    /// <summary>The value of a number point.</summary>
    public double Value { get; }

    /// <summary>The value of an integer point, exactly.</summary>
    public long IntValue { get; }

    /// <summary>Values in a histogram or summary.</summary>
    public ulong Count { get; }

    /// <summary>Sum of the values of a histogram or summary; null where it is not said.</summary>
    public double? Sum { get; }

    /// <summary>The least value; null where it is not said.</summary>
    public double? Min { get; }

    /// <summary>The greatest value; null where it is not said.</summary>
    public double? Max { get; }

    /// <summary>Resolution of an exponential histogram: its base is 2^(2^-scale).</summary>
    public int Scale { get; }

    /// <summary>Values in the zero bucket of an exponential histogram.</summary>
    public ulong ZeroCount { get; }

    /// <summary>Width of the zero bucket of an exponential histogram.</summary>
    public double ZeroThreshold { get; }

    /// <summary>Counts of an explicit histogram, a bucket each, one more than bounds.</summary>
    public MetricNumbers BucketCounts => new(Of(MessageKind.HistogramDataPoint), 6, WireType.Fixed64);

    /// <summary>Upper bounds, inclusive, of an explicit histogram's buckets; read them as doubles.</summary>
    public MetricNumbers ExplicitBounds => new(Of(MessageKind.HistogramDataPoint), 7, WireType.Fixed64);

    /// <summary>Positive buckets of an exponential histogram.</summary>
    public ExponentialBuckets Positive => new(_positive);

    /// <summary>Negative buckets of an exponential histogram.</summary>
    public ExponentialBuckets Negative => new(_negative);

    /// <summary>Quantiles of a summary.</summary>
    public SummaryQuantiles Quantiles => new(Of(MessageKind.SummaryDataPoint));

    /// <summary>The exemplars.</summary>
    public MetricExemplars Exemplars => new(_message, _kind switch
    {
        MessageKind.NumberDataPoint => 5,
        MessageKind.HistogramDataPoint => 8,
        MessageKind.ExponentialHistogramDataPoint => 11,
        _ => 0,
    });

    private ReadOnlySpan<byte> Of(MessageKind kind) => _kind == kind ? _message : default;
}
