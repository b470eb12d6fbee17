using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>One side, positive or negative, of an exponential histogram's point.</summary>
public readonly ref struct ExponentialBuckets
{
    private readonly ReadOnlySpan<byte> _message;

    internal ExponentialBuckets(ReadOnlySpan<byte> message)
    {
        _message = message;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields is { Field: 1, Type: WireType.Varint })
            {
                var zigzag = (uint)fields.Number;
                Offset = (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            }
        }
    }

    /// <summary>Index of the first bucket; bucket i holds values above base^i and up to base^(i+1).</summary>
    public int Offset { get; }

    /// <summary>Counts by bucket, from <see cref="Offset"/> on.</summary>
    public MetricNumbers Counts => new(_message, 2, WireType.Varint);
}
