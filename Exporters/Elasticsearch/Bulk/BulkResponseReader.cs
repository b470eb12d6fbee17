using System.Text.Json;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp.Json;

namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>
/// Reads a bulk response while it comes in: the status of every document, and of those that failed why. What is kept
/// is bounded by the number of documents; what is read at a time by a buffer.
/// </summary>
internal sealed class BulkResponseReader
{
    private const int ReadSize = 16 * 1024;
    private const int TokenMax = 1024 * 1024;
    private const int BytesPerDocumentMax = 8 * 1024;
    private const int BytesMin = 64 * 1024;
    private const int ReasonLengthMax = 1024;

    // Depths of the objects: the response, an item, its action, its error.
    private const int ActionDepth = 4;
    private const int ErrorDepth = 5;

    private readonly List<DocumentAnswer> _answers;
    private readonly int _countMax;
    private string _property = "";
    private int _status;
    private string _type = "";
    private string _reason = "";

    private BulkResponseReader(int documents, List<DocumentAnswer> answers)
    {
        _countMax = documents;
        _answers = answers;
        answers.Clear();
    }

    /// <summary>Reads a response.</summary>
    /// <param name="response">The response; its status is a success.</param>
    /// <param name="documents">How many documents were sent.</param>
    /// <param name="answers">Takes an answer for each document, in their order.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False when the body is not a bulk response, or ends too early.</returns>
    public static async ValueTask<bool> ReadAsync(
        HttpResponseMessage response, int documents, List<DocumentAnswer> answers, CancellationToken cancellation)
    {
        var reader = new BulkResponseReader(documents, answers);
        using var buffer = new PooledBuffer(2 * ReadSize);
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return await reader.ReadAsync(stream, buffer, cancellation).ConfigureAwait(false) && answers.Count == documents;
        }
    }

    private async ValueTask<bool> ReadAsync(Stream stream, PooledBuffer buffer, CancellationToken cancellation)
    {
        var state = default(JsonReaderState);
        var left = BytesMin + ((long)BytesPerDocumentMax * _countMax);
        while (true)
        {
            var count = await stream.ReadAsync(buffer.GetMemory(ReadSize), cancellation).ConfigureAwait(false);
            buffer.Advance(count);
            left -= count;
            if (left < 0 || !TryParse(buffer, isFinal: count == 0, ref state))
            {
                return false;
            }

            if (count == 0)
            {
                return true;
            }
        }
    }

    private bool TryParse(PooledBuffer buffer, bool isFinal, ref JsonReaderState state)
    {
        var reader = new Utf8JsonReader(buffer.WrittenSpan, isFinal, state);
        try
        {
            while (reader.Read())
            {
                Take(ref reader);
            }
        }
        catch (JsonException)
        {
            return false;
        }

        state = reader.CurrentState;
        buffer.Consume((int)reader.BytesConsumed);
        return buffer.Length <= TokenMax && _answers.Count <= _countMax;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName when reader.CurrentDepth is ActionDepth or ErrorDepth:
                _property = reader.CurrentDepth == ActionDepth
                    ? JsonText.IsText(reader, "status"u8) ? "status" : JsonText.IsText(reader, "error"u8) ? "error" : ""
                    : _property is "error" or "type" or "reason" or "other"
                        ? JsonText.IsText(reader, "type"u8) ? "type" : JsonText.IsText(reader, "reason"u8) ? "reason" : "other"
                        : "";
                break;
            case JsonTokenType.Number when reader.CurrentDepth == ActionDepth && _property == "status":
                _status = reader.TryGetInt32(out var status) ? status : 0;
                break;
            case JsonTokenType.String when reader.CurrentDepth == ActionDepth && _property == "error":
                // Elasticsearch before 2.0, and proxies, say it in one text.
                _reason = Clean(JsonText.GetString(reader));
                break;
            case JsonTokenType.String when reader.CurrentDepth == ErrorDepth && _property == "type":
                _type = Clean(JsonText.GetString(reader));
                break;
            case JsonTokenType.String when reader.CurrentDepth == ErrorDepth && _property == "reason":
                _reason = Clean(JsonText.GetString(reader));
                break;
            case JsonTokenType.EndObject when reader.CurrentDepth == ActionDepth - 1:
                _answers.Add(new DocumentAnswer(_status, _type, _reason));
                (_property, _status, _type, _reason) = ("", 0, "", "");
                break;
            default:
                break;
        }
    }

    private static string Clean(string text) =>
        text.Length <= ReasonLengthMax ? text : text[..ReasonLengthMax];
}
