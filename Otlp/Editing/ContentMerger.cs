using System.Buffers;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// Rewrites a request in which an envelope has several resources or scopes so that it has one. The protobuf
/// specification merges a field that should be there once, and merging encoded messages is putting their content one
/// behind the other: lists are joined, and of single values the last counts.
/// </summary>
/// <remarks>Such bytes come from no known encoder, so this allocates and copies without care.</remarks>
internal readonly ref struct ContentMerger
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly ReadOnlySpan<OtlpNode> _nodes;

    private ContentMerger(ReadOnlySpan<byte> data, ReadOnlySpan<OtlpNode> nodes)
    {
        _data = data;
        _nodes = nodes;
    }

    /// <summary>A chunk of the same meaning.</summary>
    public static OtlpChunk Merge(OtlpChunk chunk, ChunkIndex index)
    {
        var output = new ArrayBufferWriter<byte>(chunk.Length);
        new ContentMerger(chunk.Bytes, index.Nodes).WriteBody(0, 0, index.Nodes.Length, chunk.Length, output);
        return OtlpChunk.FromArray(chunk.Signal, output.WrittenSpan.ToArray(), chunk.ItemCount);
    }

    /// <summary>Writes content that begins at an offset and has the nodes of a range directly or indirectly in it.</summary>
    private void WriteBody(int offset, int firstNode, int endNode, int end, ArrayBufferWriter<byte> output)
    {
        var hasContent = false;
        for (var child = firstNode; child < endNode; child = _nodes[child].Next)
        {
            ref readonly var node = ref _nodes[child];
            output.Write(_data[offset..node.HeaderOffset]);
            offset = node.End;
            if (HolderRuns.IsContent(node.Kind))
            {
                if (!hasContent)
                {
                    WriteContent(child, endNode, output);
                    hasContent = true;
                }
            }
            else if (node.Kind is OtlpNodeKind.ResourceEnvelope or OtlpNodeKind.ScopeEnvelope)
            {
                var body = new ArrayBufferWriter<byte>(node.Length + 1);
                WriteBody(node.BodyOffset, child + 1, node.Next, node.End, body);
                WireWriter.WriteField(output, FieldOf(node), body.WrittenSpan);
            }
            else
            {
                output.Write(_data[node.HeaderOffset..node.End]);
            }
        }

        output.Write(_data[offset..end]);
    }

    private void WriteContent(int firstNode, int endNode, ArrayBufferWriter<byte> output)
    {
        if (_nodes[firstNode].Absent)
        {
            return;
        }

        var body = new ArrayBufferWriter<byte>(_nodes[firstNode].Length + 1);
        for (var child = firstNode; child < endNode; child = _nodes[child].Next)
        {
            if (HolderRuns.IsContent(_nodes[child].Kind))
            {
                body.Write(_data[_nodes[child].BodyOffset.._nodes[child].End]);
            }
        }

        WireWriter.WriteField(output, FieldOf(_nodes[firstNode]), body.WrittenSpan);
    }

    private int FieldOf(in OtlpNode node)
    {
        var fields = new WireReader(_data, node.HeaderOffset, node.TotalLength);
        fields.Next();
        return fields.Field;
    }
}
