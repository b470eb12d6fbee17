using TelemetryPipeline.Exporters.Elasticsearch.Documents;

namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>Writes what a server refused, and why, as documents that it can take: the original is one text.</summary>
/// <param name="index">The dead-letter index.</param>
/// <param name="exporter">The exporter's name.</param>
/// <param name="time">The clock.</param>
internal sealed class DeadLetterWriter(string index, string exporter, TimeProvider time)
{
    /// <summary>Of a document that was refused for its size so much is kept.</summary>
    public const int ExcerptLength = 64 * 1024;

    private const ulong NsPerTick = 100;
    private readonly Route _route = new(index);

    /// <summary>Appends a dead letter.</summary>
    /// <param name="action">The action's line of the refused document.</param>
    /// <param name="document">The refused document.</param>
    /// <param name="answer">What the server said.</param>
    /// <param name="items">Items that it stands for.</param>
    /// <param name="output">Takes the dead letter.</param>
    public void Write(
        ReadOnlySpan<byte> action, ReadOnlySpan<byte> document, in DocumentAnswer answer, int items, BulkBuffer output)
    {
        Span<byte> id = stackalloc byte[DocumentId.Length];
        DocumentId.Write(DocumentId.Combine(6, DocumentId.Hash(action), DocumentId.Hash(document), 0, 0), id);
        output.Begin(_route, id);
        output.BeginDocument();
        var json = output.Json;
        Span<byte> now = stackalloc byte[30];
        Timestamps.WriteIso((ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * NsPerTick, now);
        json.WriteString("@timestamp"u8, now);
        json.WriteStartObject("dead_letter"u8);
        json.WriteString("exporter"u8, exporter);
        json.WriteNumber("status"u8, answer.Status);
        json.WriteString("type"u8, answer.ErrorType);
        json.WriteString("reason"u8, answer.Reason);
        json.WritePropertyName("action"u8);
        JsonValues.WriteText(json, action.TrimEnd((byte)'\n'));
        json.WriteEndObject();
        json.WritePropertyName("document"u8);
        JsonValues.WriteText(json, answer.Status == 413 ? Excerpt(document) : document.TrimEnd((byte)'\n'));
        output.End(items);
    }

    // Cut between two characters.
    private static ReadOnlySpan<byte> Excerpt(ReadOnlySpan<byte> document)
    {
        var length = Math.Min(document.Length, ExcerptLength);
        while (length > 0 && length < document.Length && (document[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return document[..length];
    }
}
