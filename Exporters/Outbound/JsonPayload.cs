using System.Buffers;
using System.Text.Json;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Writes batches as OTLP/JSON.</summary>
internal static class JsonPayload
{
    // The writer's checks are for those who build documents by hand.
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    /// <summary>Appends a batch as one request, on one line.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    /// <param name="output">Where to.</param>
    public static void Encode(OtlpBatch batch, PooledBuffer output)
    {
        using var writer = new Utf8JsonWriter((IBufferWriter<byte>)output, Options);
        var chunks = batch.Chunks;
        if (chunks.Count == 1)
        {
            OtlpRequest.WriteJson(batch.Signal, chunks[0].Bytes, writer);
        }
        else
        {
            // Requests one after the other are one request, in protobuf; JSON has to have it in one piece.
            using var whole = new PooledBuffer(checked((int)batch.ByteCount));
            for (var i = 0; i < chunks.Count; i++)
            {
                whole.Write(chunks[i].Bytes);
            }

            OtlpRequest.WriteJson(batch.Signal, whole.WrittenSpan, writer);
        }

        writer.Flush();
    }
}
