using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>Reads events from the log records that carry them, as any receiver of them would.</summary>
/// <param name="ids">Names of traces and spans.</param>
internal sealed class EventReader(TestIds ids)
{
    /// <summary>Reads the events of a chunk.</summary>
    /// <param name="chunk">Logs; the reference is taken over.</param>
    /// <param name="events">Takes them.</param>
    public void Read(OtlpChunk chunk, List<ObservedEvent> events)
    {
        using var batch = new OtlpBatch(Signal.Logs);
        batch.Append(chunk);
        for (var i = 0; i < batch.ViewCount; i++)
        {
            var view = batch.View(i);
            foreach (var node in view.ItemNodes)
            {
                events.Add(Read(view, node));
            }
        }
    }

    private ObservedEvent Read(OtlpView view, int node)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["trace"] = ids.NameOfTrace(TraceOf(view, node)) };
        foreach (var (name, attribute) in EventFields.All)
        {
            if (view.TryGetAttribute(node, Encoding.UTF8.GetBytes(attribute), out var value))
            {
                fields[name] = TextOf(value);
            }
        }

        if (fields.TryGetValue("origin", out var origin))
        {
            fields["origin"] = ids.NameOfSpan(ulong.Parse(origin, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }

        if (view.TryGetAttribute(node, AttributionKeys.Evidence, out var evidence))
        {
            foreach (var entry in evidence.Entries)
            {
                fields[EventFields.EvidencePrefix + Encoding.UTF8.GetString(entry.Key)] = TextOf(entry.Value);
            }
        }

        var id = view.TryGetAttribute(node, AttributionKeys.EventId, out var eventId) ? TextOf(eventId) : "";
        return new ObservedEvent(id, fields);
    }

    private static UInt128 TraceOf(OtlpView view, int node) =>
        new LogRecordView(view.ReceivedBytes(node)).TraceId is { Length: 16 } id ? BinaryPrimitives.ReadUInt128BigEndian(id) : 0;

    private static string TextOf(AnyValueView value)
    {
        var text = new ArrayBufferWriter<byte>();
        value.WriteText(text);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
