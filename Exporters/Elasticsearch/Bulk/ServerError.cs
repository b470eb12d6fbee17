using System.Text.Json;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp.Json;

namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>The error in the body of an answer to a whole request.</summary>
/// <param name="Type">Its type; empty where it says none.</param>
/// <param name="Reason">Its reason, or the text of a body of another form; one line.</param>
internal readonly record struct ServerError(string Type, string Reason)
{
    /// <summary>Reads a body.</summary>
    /// <param name="body">The body as far as it was read.</param>
    public static ServerError Read(ReadOnlyMemory<byte> body)
    {
        // Otherwise a proxy's page, or half of an answer: shown as it is.
        if (JsonDocuments.TryParse(body.Span, out var document))
        {
            using var parsed = document;
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error"u8, out var error))
            {
                return error.ValueKind == JsonValueKind.Object
                    ? new ServerError(Text(error, "type"u8), Text(error, "reason"u8))
                    : new ServerError("", ServerMessage.Clean(error.ToString()));
            }
        }

        return new ServerError("", ServerMessage.Clean(System.Text.Encoding.UTF8.GetString(body.Span)));
    }

    private static string Text(JsonElement error, ReadOnlySpan<byte> name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? ServerMessage.Clean(value.GetString()!)
            : "";
}
