using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Otlp.Json;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Writes and reads <see cref="RpcStatus"/> as protobuf and as JSON.</summary>
public static class RpcStatusCodec
{
    private const string TypePrefix = "type.googleapis.com/";
    private const string RetryInfo = "google.rpc.RetryInfo";
    private const string BadRequest = "google.rpc.BadRequest";
    private const long NsPerTick = 100;
    private const int NsPerSecond = 1_000_000_000;
    private const long MostSeconds = long.MaxValue / TimeSpan.TicksPerSecond / 2;

    // google/rpc/status.proto: code 1, message 2, details 3; Any: type_url 1, value 2; RetryInfo: retry_delay 1;
    // Duration: seconds 1, nanos 2; BadRequest: field_violations 1; FieldViolation: field 1, description 2.
    private const int CodeField = 1;
    private const int MessageField = 2;
    private const int DetailsField = 3;

    /// <summary>Writes a status as protobuf.</summary>
    /// <param name="status">The status.</param>
    /// <param name="output">Where to.</param>
    public static void Write(RpcStatus status, IBufferWriter<byte> output)
    {
        if (status.Code != 0)
        {
            WireWriter.WriteVarintField(output, CodeField, (ulong)status.Code);
        }

        if (status.Message.Length > 0)
        {
            WireWriter.WriteField(output, MessageField, status.Message);
        }

        if (status.RetryAfter is { } delay)
        {
            WriteDetail(output, RetryInfo, EncodeRetryInfo(delay));
        }

        if (status.Violations.Count > 0)
        {
            WriteDetail(output, BadRequest, EncodeBadRequest(status.Violations));
        }
    }

    /// <summary>Writes a status as JSON.</summary>
    /// <param name="status">The status.</param>
    /// <param name="writer">Where to; one object is written.</param>
    public static void WriteJson(RpcStatus status, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("code"u8, status.Code);
        writer.WriteString("message"u8, status.Message);
        if (status.RetryAfter is not null || status.Violations.Count > 0)
        {
            writer.WriteStartArray("details"u8);
            WriteJsonDetails(status, writer);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads a protobuf status; details of other types are passed over.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="status">The status.</param>
    /// <returns>False when the bytes are no status.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RpcStatus status)
    {
        status = new RpcStatus(0, "");
        var fields = new WireReader(bytes);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (CodeField, WireType.Varint):
                    status = status with { Code = (int)fields.Number };
                    break;
                case (MessageField, WireType.LengthDelimited):
                    status = status with { Message = Encoding.UTF8.GetString(fields.Content) };
                    break;
                case (DetailsField, WireType.LengthDelimited) when !TryReadDetail(fields.Content, ref status):
                    return false;
                default:
                    break;
            }
        }

        return !fields.Failed;
    }

    /// <summary>Reads a JSON status; details of other types are passed over.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="status">The status.</param>
    /// <returns>False when the bytes are no status.</returns>
    public static bool TryReadJson(ReadOnlySpan<byte> bytes, out RpcStatus status)
    {
        status = new RpcStatus(0, "");
        if (!JsonDocuments.TryParse(bytes, out var document))
        {
            return false;
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            if (root.TryGetProperty("code"u8, out var code) && JsonDocuments.TryInt64(code, out var number))
            {
                status = status with { Code = (int)number };
            }

            if (root.TryGetProperty("message"u8, out var message) && JsonDocuments.TryText(message, out var text))
            {
                status = status with { Message = text };
            }

            if (root.TryGetProperty("details"u8, out var details) && details.ValueKind == JsonValueKind.Array)
            {
                foreach (var detail in details.EnumerateArray())
                {
                    status = ReadJsonDetail(detail, status);
                }
            }

            return true;
        }
    }

    private static void WriteDetail(IBufferWriter<byte> output, string type, ReadOnlySpan<byte> value)
    {
        var any = new ArrayBufferWriter<byte>(value.Length + 64);
        WireWriter.WriteField(any, 1, TypePrefix + type);
        WireWriter.WriteField(any, 2, value);
        WireWriter.WriteField(output, DetailsField, any.WrittenSpan);
    }

    private static ReadOnlySpan<byte> EncodeRetryInfo(TimeSpan delay)
    {
        var duration = new ArrayBufferWriter<byte>(16);
        var seconds = delay.Ticks / TimeSpan.TicksPerSecond;
        var nanos = delay.Ticks % TimeSpan.TicksPerSecond * NsPerTick;
        if (seconds != 0)
        {
            WireWriter.WriteVarintField(duration, 1, (ulong)seconds);
        }

        if (nanos != 0)
        {
            WireWriter.WriteVarintField(duration, 2, (ulong)nanos);
        }

        var info = new ArrayBufferWriter<byte>(24);
        WireWriter.WriteField(info, 1, duration.WrittenSpan);
        return info.WrittenSpan;
    }

    private static ReadOnlySpan<byte> EncodeBadRequest(IReadOnlyList<FieldViolation> violations)
    {
        var all = new ArrayBufferWriter<byte>(256);
        foreach (var violation in violations)
        {
            var one = new ArrayBufferWriter<byte>(128);
            WireWriter.WriteField(one, 1, violation.Field);
            WireWriter.WriteField(one, 2, violation.Description);
            WireWriter.WriteField(all, 1, one.WrittenSpan);
        }

        return all.WrittenSpan;
    }

    private static void WriteJsonDetails(RpcStatus status, Utf8JsonWriter writer)
    {
        if (status.RetryAfter is { } delay)
        {
            writer.WriteStartObject();
            writer.WriteString("@type"u8, TypePrefix + RetryInfo);
            writer.WriteString("retryDelay"u8, FormatDuration(delay));
            writer.WriteEndObject();
        }

        if (status.Violations.Count == 0)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("@type"u8, TypePrefix + BadRequest);
        writer.WriteStartArray("fieldViolations"u8);
        foreach (var violation in status.Violations)
        {
            writer.WriteStartObject();
            writer.WriteString("field"u8, violation.Field);
            writer.WriteString("description"u8, violation.Description);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string FormatDuration(TimeSpan delay) =>
        ((decimal)delay.Ticks / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) + "s";

    private static bool TryReadDetail(ReadOnlySpan<byte> any, ref RpcStatus status)
    {
        ReadOnlySpan<byte> type = default;
        ReadOnlySpan<byte> value = default;
        var fields = new WireReader(any);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.LengthDelimited):
                    type = fields.Content;
                    break;
                case (2, WireType.LengthDelimited):
                    value = fields.Content;
                    break;
                default:
                    break;
            }
        }

        if (fields.Failed)
        {
            return false;
        }

        if (type.EndsWith("/google.rpc.RetryInfo"u8))
        {
            return TryReadRetryInfo(value, ref status);
        }

        return !type.EndsWith("/google.rpc.BadRequest"u8) || TryReadBadRequest(value, ref status);
    }

    private static bool TryReadRetryInfo(ReadOnlySpan<byte> info, ref RpcStatus status)
    {
        var fields = new WireReader(info);
        while (fields.Next())
        {
            if (fields is not { Field: 1, Type: WireType.LengthDelimited })
            {
                continue;
            }

            long seconds = 0;
            long nanos = 0;
            var duration = new WireReader(fields.Content);
            while (duration.Next())
            {
                if (duration is { Field: 1, Type: WireType.Varint })
                {
                    seconds = (long)duration.Number;
                }
                else if (duration is { Field: 2, Type: WireType.Varint })
                {
                    nanos = (int)duration.Number;
                }
            }

            if (duration.Failed)
            {
                return false;
            }

            status = status with { RetryAfter = ToTimeSpan(seconds, nanos) };
        }

        return !fields.Failed;
    }

    private static bool TryReadBadRequest(ReadOnlySpan<byte> request, ref RpcStatus status)
    {
        var violations = new List<FieldViolation>();
        var fields = new WireReader(request);
        while (fields.Next())
        {
            if (fields is not { Field: 1, Type: WireType.LengthDelimited })
            {
                continue;
            }

            var place = "";
            var description = "";
            var violation = new WireReader(fields.Content);
            while (violation.Next())
            {
                if (violation is { Field: 1, Type: WireType.LengthDelimited })
                {
                    place = Encoding.UTF8.GetString(violation.Content);
                }
                else if (violation is { Field: 2, Type: WireType.LengthDelimited })
                {
                    description = Encoding.UTF8.GetString(violation.Content);
                }
            }

            if (violation.Failed)
            {
                return false;
            }

            violations.Add(new FieldViolation(place, description));
        }

        status = status with { Violations = violations };
        return !fields.Failed;
    }

    private static RpcStatus ReadJsonDetail(JsonElement detail, RpcStatus status)
    {
        if (detail.ValueKind != JsonValueKind.Object
            || !detail.TryGetProperty("retryDelay"u8, out var delay)
            || !JsonDocuments.TryText(delay, out var text)
            || !text.EndsWith('s')
            || !decimal.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            return status;
        }

        var bounded = Math.Clamp(seconds, 0, MostSeconds);
        var whole = (long)bounded;
        return status with { RetryAfter = ToTimeSpan(whole, (long)((bounded - whole) * NsPerSecond)) };
    }

    /// <summary>Limits a delay to 0 and to what a <see cref="TimeSpan"/> holds: it comes from another machine.</summary>
    private static TimeSpan ToTimeSpan(long seconds, long nanos)
    {
        var whole = Math.Clamp(seconds, 0, MostSeconds) * TimeSpan.TicksPerSecond;
        var part = Math.Clamp(nanos, 0, NsPerSecond) / NsPerTick;
        return TimeSpan.FromTicks(Math.Min(whole + part, MostSeconds * TimeSpan.TicksPerSecond));
    }
}
