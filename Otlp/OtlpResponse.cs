using System.Buffers;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Otlp.Json;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Writes and reads the successful answers to export requests, <c>Export*ServiceResponse</c>.</summary>
/// <remarks>
/// The three signals' responses differ in one JSON name only. A full success is the empty message: zero bytes of
/// protobuf or <c>{}</c>, with <c>partial_success</c> unset as OTLP demands.
/// </remarks>
public static class OtlpResponse
{
    private const int PartialSuccessField = 1;
    private const int RejectedField = 1;
    private const int MessageField = 2;

    /// <summary>Writes a response as protobuf.</summary>
    /// <param name="outcome">What to say.</param>
    /// <param name="output">Where to; nothing is written for a full success.</param>
    public static void Write(ExportOutcome outcome, IBufferWriter<byte> output)
    {
        if (outcome.IsFullSuccess)
        {
            return;
        }

        var message = outcome.Message ?? "";
        var body = new ArrayBufferWriter<byte>(message.Length + 16);
        if (outcome.RejectedItems != 0)
        {
            WireWriter.WriteVarintField(body, RejectedField, (ulong)outcome.RejectedItems);
        }

        if (message.Length > 0)
        {
            WireWriter.WriteField(body, MessageField, message);
        }

        WireWriter.WriteField(output, PartialSuccessField, body.WrittenSpan);
    }

    /// <summary>Writes a response as JSON.</summary>
    /// <param name="signal">Names the count.</param>
    /// <param name="outcome">What to say.</param>
    /// <param name="writer">Where to; one object is written.</param>
    public static void WriteJson(Signal signal, ExportOutcome outcome, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (!outcome.IsFullSuccess)
        {
            writer.WriteStartObject("partialSuccess"u8);
            if (outcome.RejectedItems != 0)
            {
                Span<char> digits = stackalloc char[20];
                outcome.RejectedItems.TryFormat(digits, out var length);
                writer.WriteString(RejectedName(signal), digits[..length]);
            }

            if (!string.IsNullOrEmpty(outcome.Message))
            {
                writer.WriteString("errorMessage"u8, outcome.Message);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads a protobuf response; unknown fields are ignored.</summary>
    /// <param name="response">The bytes; empty is a full success.</param>
    /// <param name="outcome">What it says.</param>
    /// <returns>False when the bytes are not such a response.</returns>
    public static bool TryRead(ReadOnlySpan<byte> response, out ExportOutcome outcome)
    {
        long rejected = 0;
        var message = "";
        var fields = new WireReader(response);
        while (fields.Next())
        {
            if (fields is { Field: PartialSuccessField, Type: WireType.LengthDelimited }
                && !TryReadPartial(fields.Content, ref rejected, ref message))
            {
                outcome = default;
                return false;
            }
        }

        outcome = new ExportOutcome(rejected, message);
        return !fields.Failed;
    }

    /// <summary>Reads a JSON response; unknown fields are ignored.</summary>
    /// <param name="signal">Names the count.</param>
    /// <param name="response">The bytes.</param>
    /// <param name="outcome">What it says.</param>
    /// <returns>False when the bytes are not such a response.</returns>
    public static bool TryReadJson(Signal signal, ReadOnlySpan<byte> response, out ExportOutcome outcome)
    {
        outcome = default;
        if (!JsonDocuments.TryParse(response, out var document))
        {
            return false;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            if (!document.RootElement.TryGetProperty("partialSuccess"u8, out var partial)
                || partial.ValueKind == JsonValueKind.Null)
            {
                outcome = ExportOutcome.FullSuccess;
                return true;
            }

            return partial.ValueKind == JsonValueKind.Object && TryReadPartial(signal, partial, out outcome);
        }
    }

    private static bool TryReadPartial(ReadOnlySpan<byte> partial, ref long rejected, ref string message)
    {
        var fields = new WireReader(partial);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (RejectedField, WireType.Varint):
                    rejected = (long)fields.Number;
                    break;
                case (MessageField, WireType.LengthDelimited):
                    message = Encoding.UTF8.GetString(fields.Content);
                    break;
                default:
                    break;
            }
        }

        return !fields.Failed;
    }

    private static bool TryReadPartial(Signal signal, JsonElement partial, out ExportOutcome outcome)
    {
        outcome = default;
        long rejected = 0;
        if (partial.TryGetProperty(RejectedName(signal), out var count) && !JsonDocuments.TryInt64(count, out rejected))
        {
            return false;
        }

        var message = "";
        if (partial.TryGetProperty("errorMessage"u8, out var text) && !JsonDocuments.TryText(text, out message))
        {
            return false;
        }

        outcome = new ExportOutcome(rejected, message);
        return true;
    }

    private static ReadOnlySpan<byte> RejectedName(Signal signal) => signal switch
    {
        Signal.Traces => "rejectedSpans"u8,
        Signal.Metrics => "rejectedDataPoints"u8,
        _ => "rejectedLogRecords"u8,
    };
}
