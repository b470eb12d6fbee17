using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>
/// The bytes of one message as the pieces they lie in: the chunks of a batch, or one piece that was encoded for the
/// occasion. Borrows them; nothing is copied.
/// </summary>
internal readonly struct Payload
{
    private readonly IReadOnlyList<OtlpChunk>? _chunks;
    private readonly ReadOnlyMemory<byte> _whole;

    /// <summary>The chunks of a batch, which together are one export request.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    public Payload(OtlpBatch batch)
    {
        _chunks = batch.Chunks;
        Length = batch.ByteCount;
    }

    /// <summary>One piece.</summary>
    /// <param name="whole">The bytes; borrowed.</param>
    public Payload(ReadOnlyMemory<byte> whole)
    {
        _whole = whole;
        Length = whole.Length;
    }

    /// <summary>Bytes in all pieces.</summary>
    public long Length { get; }

    /// <summary>How many pieces there are.</summary>
    public int PieceCount => _chunks?.Count ?? 1;

    /// <summary>A piece.</summary>
    /// <param name="index">0 to <see cref="PieceCount"/> - 1.</param>
    public ReadOnlyMemory<byte> this[int index] => _chunks is null ? _whole : _chunks[index].Memory;
}
