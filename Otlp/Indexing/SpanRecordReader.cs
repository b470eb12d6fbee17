using System.Buffers.Binary;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>Reads the fixed part of every span of a chunk.</summary>
internal static class SpanRecordReader
{
    public static void Read(ReadOnlySpan<byte> chunk, ChunkIndex index, Span<SpanRecord> records)
    {
        var nodes = index.Nodes;
        var items = index.ItemNodes;
        for (var i = 0; i < items.Length; i++)
        {
            ref readonly var node = ref nodes[items[i]];
            ref readonly var scope = ref nodes[node.Parent];
            ref var record = ref records[i];
            record = new SpanRecord
            {
                Node = items[i],
                ScopeNode = scope.Content,
                ResourceNode = nodes[scope.Parent].Content,
            };
            ReadOne(chunk, node, ref record);
        }
    }

    private static void ReadOne(ReadOnlySpan<byte> chunk, in OtlpNode node, ref SpanRecord span)
    {
        var fields = new WireReader(chunk, node.BodyOffset, node.Length);
        while (fields.Next())
        {
            switch ((fields.Field << 3) | (int)fields.Type)
            {
                case (1 << 3) | (int)WireType.LengthDelimited:
                    span.TraceIdHigh = Id(fields.Content, 0);
                    span.TraceIdLow = Id(fields.Content, sizeof(ulong));
                    break;
                case (2 << 3) | (int)WireType.LengthDelimited:
                    span.SpanId = Id(fields.Content, 0);
                    break;
                case (4 << 3) | (int)WireType.LengthDelimited:
                    span.ParentSpanId = Id(fields.Content, 0);
                    break;
                case (5 << 3) | (int)WireType.LengthDelimited:
                    span.NameOffset = fields.ValueOffset;
                    span.NameLength = fields.ValueLength;
                    break;
                case (6 << 3) | (int)WireType.Varint:
                    span.Kind = fields.Number <= (ulong)SpanKind.Consumer ? (SpanKind)fields.Number : default;
                    break;
                case (7 << 3) | (int)WireType.Fixed64:
                    span.StartNs = fields.Number;
                    break;
                case (8 << 3) | (int)WireType.Fixed64:
                    span.EndNs = fields.Number;
                    break;
                case (15 << 3) | (int)WireType.LengthDelimited:
                    ReadStatus(chunk, fields.ValueOffset, fields.ValueLength, ref span);
                    break;
                default:
                    break;
            }
        }
    }

    private static void ReadStatus(ReadOnlySpan<byte> chunk, int offset, int length, ref SpanRecord span)
    {
        var fields = new WireReader(chunk, offset, length);
        while (fields.Next())
        {
            if (fields is { Field: 2, Type: WireType.LengthDelimited })
            {
                span.StatusMessageOffset = fields.ValueOffset;
                span.StatusMessageLength = fields.ValueLength;
            }
            else if (fields is { Field: 3, Type: WireType.Varint })
            {
                span.StatusCode = fields.Number <= (ulong)SpanStatusCode.Error ? (SpanStatusCode)fields.Number : default;
            }
        }
    }

    private static ulong Id(ReadOnlySpan<byte> id, int offset) =>
        id.Length >= offset + sizeof(ulong) ? BinaryPrimitives.ReadUInt64BigEndian(id[offset..]) : 0;
}
