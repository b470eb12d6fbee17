using System.Buffers;
using System.Text.Json;
using TelemetryPipeline.Otlp.Json;

namespace TelemetryPipeline.Otlp;

/// <content>OTLP/JSON.</content>
public static partial class OtlpRequest
{
    /// <summary>Reads an OTLP/JSON export request into protobuf.</summary>
    /// <remarks>
    /// As OTLP 1.11 and the Go Collector read it: ids in hex of either case, other bytes in base64, 64-bit integers as
    /// strings or numbers, enums as numbers or names, keys in lowerCamelCase or snake_case, in any order; unknown keys
    /// and nulls are ignored. Numbers keep all 64 bits. Text must be UTF-8, for JSON knows nothing else.
    /// </remarks>
    /// <param name="signal">What the request carries.</param>
    /// <param name="json">The request's bytes.</param>
    /// <param name="output">Where the protobuf request goes, valid in the sense of <see cref="TryValidate"/>; nothing is written on an error.</param>
    /// <param name="itemCount">Spans, data points or log records; 0 on an error.</param>
    /// <param name="error">What is wrong and where, when the answer is false.</param>
    public static bool TryReadJson(
        Signal signal, ReadOnlySpan<byte> json, IBufferWriter<byte> output, out int itemCount, out OtlpError error)
    {
        var reader = new JsonRequestReader(json);
        try
        {
            var valid = reader.Run(signal);
            itemCount = valid ? reader.ItemCount : 0;
            error = valid ? default : reader.Error;
            if (valid)
            {
                output.Write(reader.Written);
            }

            return valid;
        }
        finally
        {
            reader.Release();
        }
    }

    /// <summary>Writes a protobuf export request as OTLP/JSON.</summary>
    /// <remarks>
    /// Ids in lowercase hex, other bytes in base64, 64-bit integers as strings, enums as numbers, NaN and infinities as
    /// strings. Bytes of a text that are no UTF-8 become U+FFFD. Unknown fields are left out.
    /// </remarks>
    /// <param name="signal">What the request carries.</param>
    /// <param name="request">The request; it must have passed <see cref="TryValidate"/>.</param>
    /// <param name="writer">Where to; one object is written and not flushed.</param>
    public static void WriteJson(Signal signal, ReadOnlySpan<byte> request, Utf8JsonWriter writer) =>
        JsonRequestWriter.Write(signal, request, writer);
}
