using System.Buffers.Binary;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>Reads the fixed part of every span of a chunk.</summary>
internal static class SpanRecordReader
{
    public static void Read(ReadOnlySpan<byte> chunk, ChunkIndex index, Span<SpanRecord> records)
    {
        var items = index.ItemNodes;
        for (var i = 0; i < items.Length; i++)
        {
            ref var record = ref records[i];
            record = Begin(index, items[i]);
            ref readonly var node = ref index.Nodes[items[i]];
            var fields = new WireReader(chunk, node.BodyOffset, node.Length);
            while (fields.Next())
            {
                ReadField(chunk, fields, ref record);
            }
        }
    }

    /// <summary>A span's record before any field was read.</summary>
    public static SpanRecord Begin(ChunkIndex index, int node)
    {
        var nodes = index.Nodes;
        ref readonly var scope = ref nodes[nodes[node].Parent];
        return new SpanRecord { Node = node, ScopeNode = scope.Content, ResourceNode = nodes[scope.Parent].Content };
    }

    /// <summary>Takes what a field says.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="fields">At the field.</param>
    /// <param name="span">The record.</param>
    public static void ReadField(ReadOnlySpan<byte> chunk, in WireReader fields, ref SpanRecord span)
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
