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
    /// and nulls are ignored. Numbers keep all 64 bits. Half of a surrogate pair and bytes that are not UTF-8 become
    /// U+FFFD. A value that its field cannot represent refuses only the item that has it, or the items below the resource,
    /// scope or metric that has it.
    /// </remarks>
    /// <param name="signal">What the request carries.</param>
    /// <param name="json">The request's bytes.</param>
    /// <param name="output">Where the valid items go, as a protobuf request; nothing is written on an error.</param>
    /// <param name="itemCount">Valid spans, data points or log records; 0 on an error.</param>
    /// <param name="refused">What was left out; null where nothing was.</param>
    /// <param name="error">What is malformed and where, when the answer is false.</param>
    public static bool TryReadJson(
        Signal signal, ReadOnlySpan<byte> json, IBufferWriter<byte> output,
        out int itemCount, out RefusedItems? refused, out OtlpError error) =>
        TryReadJson(signal, json, output, refusesRequest: false, out itemCount, out refused, out error);

    private static bool TryReadJson(
        Signal signal, ReadOnlySpan<byte> json, IBufferWriter<byte> output, bool refusesRequest,
        out int itemCount, out RefusedItems? refused, out OtlpError error)
    {
        var reader = new JsonRequestReader(json);
        try
        {
            var isWellFormed = reader.Run(signal);
            var isValid = Conclude(isWellFormed, reader.ItemCount, reader.Refused, reader.Error, out itemCount, out refused, out error);
            if (isValid && (refused is null || !refusesRequest))
            {
                output.Write(reader.Written);
            }

            return isValid;
        }
        finally
        {
            reader.Release();
        }
    }

    /// <summary>Reads a request of which every item must be valid.</summary>
    /// <param name="signal">What the request carries.</param>
    /// <param name="json">The request's bytes.</param>
    /// <param name="output">Where the protobuf request goes.</param>
    /// <param name="itemCount">Spans, data points or log records; 0 on an error.</param>
    /// <param name="error">What is wrong and where, when the answer is false.</param>
    public static bool TryReadJson(
        Signal signal, ReadOnlySpan<byte> json, IBufferWriter<byte> output, out int itemCount, out OtlpError error) =>
        RefuseNone(
            TryReadJson(signal, json, output, refusesRequest: true, out itemCount, out var refused, out error), refused, ref itemCount, ref error);

    /// <summary>Writes a protobuf export request as OTLP/JSON.</summary>
    /// <remarks>
    /// Ids in lowercase hex, other bytes in base64, 64-bit integers as strings, enums as numbers, NaN and infinities as
    /// strings. Bytes of a text that are no UTF-8 become U+FFFD. Unknown fields are left out.
    /// </remarks>
    /// <param name="signal">What the request carries.</param>
    /// <param name="request">The request; it must have passed <c>TryValidate</c>.</param>
    /// <param name="writer">Where to; one object is written and not flushed.</param>
    public static void WriteJson(Signal signal, ReadOnlySpan<byte> request, Utf8JsonWriter writer) =>
        JsonRequestWriter.Write(signal, request, writer);
}
