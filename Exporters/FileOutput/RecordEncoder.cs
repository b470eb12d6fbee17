using System.Buffers.Binary;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>Makes a record of a batch. Thread-safe.</summary>
/// <remarks>
/// JSON is a line; everything else has its length in front in four bytes, the most significant first, and with
/// compression that is the length of a zstd frame of its own (upstream's <c>exportMessageAsBuffer</c>).
/// </remarks>
/// <param name="config">The settings.</param>
internal sealed class RecordEncoder(FileConfig config) : IDisposable
{
    private const int LengthPrefixSize = 4;
    private const int ZstdLevel = 3;

    private readonly PayloadCompressor? _compressor =
        config.IsCompressed ? new PayloadCompressor(PayloadEncoding.Zstd, ZstdLevel) : null;

    /// <summary>Appends the record.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    /// <param name="output">Where to.</param>
    public void Encode(OtlpBatch batch, PooledBuffer output)
    {
        if (!config.IsFramed)
        {
            JsonPayload.Encode(batch, output);
            output.Write("\n"u8);
            return;
        }

        var start = (int)output.Length;
        output.Write([0, 0, 0, 0]);
        if (config.Format == FileFormat.Json)
        {
            using var json = new PooledBuffer();
            JsonPayload.Encode(batch, json);
            Append(new Payload(json.Written), output);
        }
        else
        {
            Append(new Payload(batch), output);
        }

        BinaryPrimitives.WriteUInt32BigEndian(
            output.WrittenSpan[start..], (uint)(output.Length - start - LengthPrefixSize));
    }

    /// <inheritdoc/>
    public void Dispose() => _compressor?.Dispose();

    private void Append(in Payload payload, PooledBuffer output)
    {
        if (_compressor is not null)
        {
            _compressor.Compress(payload, output);
            return;
        }

        for (var i = 0; i < payload.PieceCount; i++)
        {
            output.Write(payload[i].Span);
        }
    }
}
