using System.Buffers;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// For each node that holds items, directly or not, the bytes that every part cut from it repeats: all of its content
/// but the items and what holds items in turn. Found in one pass, so that no cut walks over siblings that it leaves out.
/// </summary>
internal sealed class HolderRuns : IDisposable
{
    private readonly int[] _firstRuns;
    private readonly int[] _mostBytes;
    private ByteRun[] _runs;
    private int _count;

    public HolderRuns(ChunkIndex index)
    {
        var nodes = index.Nodes;
        _firstRuns = ArrayPool<int>.Shared.Rent(nodes.Length + 1);
        _mostBytes = ArrayPool<int>.Shared.Rent(nodes.Length + 1);
        _runs = ArrayPool<ByteRun>.Shared.Rent(Math.Max(nodes.Length, 1));
        for (var node = 0; node < nodes.Length; node++)
        {
            _firstRuns[node] = _count;
            if (NodeKinds.HasChildren(nodes[node].Kind))
            {
                Find(index, node);
            }
        }

        _firstRuns[nodes.Length] = _count;
    }

    /// <summary>Whether a node's bytes are part of its holder's runs: a resource or a scope.</summary>
    public static bool IsContent(OtlpNodeKind kind) => kind is OtlpNodeKind.Resource or OtlpNodeKind.Scope;

    /// <summary>A holder's runs, in the order of the bytes.</summary>
    public ReadOnlySpan<ByteRun> Of(int node) => _runs.AsSpan(_firstRuns[node], _firstRuns[node + 1] - _firstRuns[node]);

    /// <summary>Bytes of a holder's runs.</summary>
    public int LengthOf(int node)
    {
        var length = 0;
        foreach (var run in Of(node))
        {
            length += run.End - run.Start;
        }

        return length;
    }

    /// <summary>
    /// Bytes of a holder but for what holds items: what a part repeats where it is cut, and envelopes without items,
    /// which stay where it is not.
    /// </summary>
    public int MostBytesOf(int node) => _mostBytes[node];

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_firstRuns);
        ArrayPool<int>.Shared.Return(_mostBytes);
        ArrayPool<ByteRun>.Shared.Return(_runs);
    }

    private void Find(ChunkIndex index, int holder)
    {
        var nodes = index.Nodes;
        var at = nodes[holder].BodyOffset;
        var mostBytes = nodes[holder].Length;
        for (var child = holder + 1; child < nodes[holder].Next; child = nodes[child].Next)
        {
            if (!IsContent(nodes[child].Kind))
            {
                Add(at, nodes[child].HeaderOffset);
                at = nodes[child].End;
                mostBytes -= index.HasItems(child) ? nodes[child].TotalLength : 0;
            }
        }

        Add(at, nodes[holder].End);
        _mostBytes[holder] = mostBytes;
    }

    private void Add(int start, int end)
    {
        if (start == end)
        {
            return;
        }

        if (_count == _runs.Length)
        {
            var larger = ArrayPool<ByteRun>.Shared.Rent(_count * 2);
            Array.Copy(_runs, larger, _count);
            ArrayPool<ByteRun>.Shared.Return(_runs);
            _runs = larger;
        }

        _runs[_count++] = new ByteRun(start, end);
    }

    /// <summary>Bytes of a chunk that lie together.</summary>
    /// <param name="Start">Offset of the first.</param>
    /// <param name="End">Offset behind the last.</param>
    internal readonly record struct ByteRun(int Start, int End);
}
