using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>What a batch, or a queue full of them, weighs in each of the units a queue can be counted in.</summary>
internal readonly record struct QueueLoad(long Requests, long Items, long Bytes)
{
    public static QueueLoad Of(OtlpBatch batch) => new(1, batch.ItemCount, batch.ByteCount);

    public static QueueLoad operator +(QueueLoad a, QueueLoad b) =>
        new(a.Requests + b.Requests, a.Items + b.Items, a.Bytes + b.Bytes);

    public static QueueLoad operator -(QueueLoad a, QueueLoad b) =>
        new(a.Requests - b.Requests, a.Items - b.Items, a.Bytes - b.Bytes);

    public long In(QueueSizer sizer) => sizer switch
    {
        QueueSizer.Requests => Requests,
        QueueSizer.Items => Items,
        _ => Bytes,
    };
}
