using System.Text.Json;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp.Json;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>
/// A WeCom group robot: a markdown message for each alert, or, when more are due than the rate limit lets through, one
/// that lists several.
/// </summary>
/// <param name="config">The settings.</param>
/// <param name="shortened">Counts messages that were shortened.</param>
internal sealed class WeComNotifier(ReceiverConfig config, Counter shortened) : INotifier
{
    private const int SystemBusy = -1;
    private const int TooFrequent = 45009;
    private const int InvalidKey = 93000;
    private static readonly TimeSpan FrequencyWindow = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public int AlertsMax => 100;

    /// <inheritdoc/>
    public int Write(IReadOnlyList<Alert> alerts, int requestsLeft, Stream body)
    {
        var told = 1;
        var isShortened = false;
        var content = alerts.Count > requestsLeft
            ? WeComMessage.Digest(alerts, out told)
            : WeComMessage.Full(alerts[0], config, out isShortened);
        if (isShortened)
        {
            shortened.Add(1);
        }

        var type = config.IsMarkdownV2 ? "markdown_v2" : "markdown";
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartObject();
        writer.WriteString("msgtype", type);
        writer.WriteStartObject(type);
        writer.WriteString("content", content);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return told;
    }

    /// <inheritdoc/>
    public ConsumeResult Read(ReadOnlySpan<byte> answer)
    {
        if (!TryReadCode(answer, out var code, out var message))
        {
            return ConsumeResult.Rejected("invalid_response", "WeCom answered success with a body that is none of its answers", 1);
        }

        message = $"WeCom answered error {code}: {ServerMessage.Clean(message)}";
        return code switch
        {
            0 => ConsumeResult.Accepted,
            TooFrequent => ConsumeResult.Retry("too_many_requests", message, FrequencyWindow),
            SystemBusy => ConsumeResult.Retry("unavailable", message),
            InvalidKey => ConsumeResult.Rejected(SendReasons.Unauthenticated, message, 1),
            _ => ConsumeResult.Rejected("refused", message, 1),
        };
    }

    private static bool TryReadCode(ReadOnlySpan<byte> answer, out int code, out string message)
    {
        code = 0;
        message = "";
        var found = false;
        try
        {
            var reader = new Utf8JsonReader(answer);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                if (JsonText.IsText(reader, "errcode"u8))
                {
                    found = reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out code);
                }
                else if (JsonText.IsText(reader, "errmsg"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    message = JsonText.GetString(reader);
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return found;
    }
}
