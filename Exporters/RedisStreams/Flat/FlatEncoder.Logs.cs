using System.Buffers.Binary;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.RedisStreams.Flat;

/// <content>Log records, and attributions, which are log records with a chain.</content>
internal sealed partial class FlatEncoder
{
    private const int TraceIdLength = 16;

    private void EncodeLog(OtlpView view, int node, EntryBuffer entry)
    {
        var eventName = view.Name(node);
        var isAttribution = eventName.SequenceEqual(AttributionKeys.EventName);
        entry.Text("type"u8, isAttribution ? "attribution"u8 : "log"u8);
        entry.Append(_resource);
        if (isAttribution)
        {
            WriteAttribution(view, node, entry);
        }

        entry.TextIfAny("event_name"u8, eventName);
        WriteTimesAndIds(new LogRecordView(view.ReceivedBytes(node)), entry);
        entry.TextIfAny("severity"u8, view.SeverityText(node));
        if (view.SeverityNumber(node) is var severity and not 0)
        {
            entry.Number("severity_number"u8, (long)severity);
        }

        if (view.Body(node) is var body && body.Kind != AnyValueKind.Empty)
        {
            entry.Begin("body"u8);
            _values.Write(body, entry);
            entry.End();
        }

        WriteAttributes(view.Attributes(node), entry);
    }

    private static void WriteTimesAndIds(in LogRecordView log, EntryBuffer entry)
    {
        if (log.TimeNs != 0)
        {
            entry.Number("time_ns"u8, log.TimeNs);
        }

        if (log.TraceId.Length == TraceIdLength)
        {
            entry.TraceId("trace_id"u8, ReadId(log.TraceId), ReadId(log.TraceId[sizeof(ulong)..]));
        }

        if (log.SpanId.Length == sizeof(ulong))
        {
            entry.SpanId("span_id"u8, ReadId(log.SpanId));
        }

        if (log.ObservedNs != 0)
        {
            entry.Number("observed_time_ns"u8, log.ObservedNs);
        }
    }

    private static ulong ReadId(ReadOnlySpan<byte> id) => BinaryPrimitives.ReadUInt64BigEndian(id);

    /// <summary>The three things that somebody who looks at a failing transfer asks first; all else has its attribute's name.</summary>
    private void WriteAttribution(OtlpView view, int node, EntryBuffer entry)
    {
        entry.Begin("chain"u8);
        if (view.TryGetAttribute(node, AttributionKeys.Chain, out var chain) && chain.Kind == AnyValueKind.Array)
        {
            WriteChain(chain, entry);
        }
        else if (view.TryGetAttribute(node, AttributionKeys.Path, out var path))
        {
            _values.Write(path, entry);
        }

        entry.End();
        Copy(view, node, AttributionKeys.RootCause, "root_cause"u8, entry);
        if (!view.TryGetAttribute(node, "code"u8, out _) || (_attributes.Length > 0 && !Contains(_attributes, "code"u8)))
        {
            Copy(view, node, AttributionKeys.OriginCode, "code"u8, entry);
        }
    }

    private void Copy(OtlpView view, int node, ReadOnlySpan<byte> key, ReadOnlySpan<byte> name, EntryBuffer entry)
    {
        if (view.TryGetAttribute(node, key, out var value))
        {
            entry.Begin(name);
            _values.Write(value, entry);
            entry.End();
        }
    }

    /// <summary>One line: <c>client-terminal OK > mobile-bank-gateway ERROR > balance-ledger ERROR ERR_INSUFFICIENT_BALANCE</c>.</summary>
    private static void WriteChain(AnyValueView chain, EntryBuffer entry)
    {
        var first = true;
        foreach (var step in chain.Elements)
        {
            entry.Write(first ? default : " > "u8);
            first = false;
            ReadOnlySpan<byte> service = default, nodeType = default, status = default, code = default;
            foreach (var field in step.Entries)
            {
                switch (field.Key)
                {
                    case var key when key.SequenceEqual("service.name"u8):
                        service = field.Value.Text;
                        break;
                    case var key when key.SequenceEqual("node_type"u8):
                        nodeType = field.Value.Text;
                        break;
                    case var key when key.SequenceEqual("status"u8):
                        status = field.Value.Text;
                        break;
                    case var key when key.SequenceEqual("code"u8):
                        code = field.Value.Text;
                        break;
                    default:
                        break;
                }
            }

            entry.Write(service.IsEmpty ? nodeType : service);
            WriteWord(status, entry);
            WriteWord(code, entry);
        }
    }

    private static void WriteWord(ReadOnlySpan<byte> word, EntryBuffer entry)
    {
        if (!word.IsEmpty)
        {
            entry.Write(" "u8);
            entry.Write(word);
        }
    }
}
