using System.Buffers.Binary;
using System.IO.Hashing;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>Tells where an item goes: to which stream, and to which partition of it. Thread-safe.</summary>
internal sealed class StreamRouter
{
    private const int TraceIdLength = 16;

    private readonly RedisStreamsExporterConfig _config;
    private readonly StreamTable _table;

    // Only our own keys: they are looked for once a chunk, so there should be few.
    private readonly AttributeSlots _slots = new();
    private readonly int[] _keySlots;
    private readonly int _partitionSlot = -1;
    private readonly StreamKeys[] _fixed = new StreamKeys[SignalNames.Count];

    public StreamRouter(RedisStreamsExporterConfig config, StreamTable table)
    {
        _config = config;
        _table = table;
        _keySlots = new int[config.Stream.Keys.Count];
        for (var i = 0; i < _keySlots.Length; i++)
        {
            _keySlots[i] = _slots.Register(config.Stream.Keys[i]);
        }

        if (config.PartitionAttribute is { } key)
        {
            _partitionSlot = _slots.Register(key);
        }

        foreach (var signal in SignalNames.All)
        {
            if (_keySlots.Length == 0)
            {
                _fixed[(int)signal] = new StreamKeys(config.Stream.Format(signal), config.Partitions);
            }
        }
    }

    /// <summary>Whether batches go whole: nothing in an item decides on its place.</summary>
    public bool KeepsBatchesWhole => _keySlots.Length == 0 && (_config.Partitions == 1 || _config.PartitionBy == PartitionBy.None);

    /// <summary>The stream of all items, where <see cref="KeepsBatchesWhole"/>.</summary>
    public StreamKeys Whole(Signal signal) => _fixed[(int)signal];

    /// <summary>The partition of what has nothing that decides on it.</summary>
    /// <param name="hash">A hash of its content, so that a repeated write goes to the same place.</param>
    public int PartitionOf(ulong hash) => (int)(hash % (uint)_config.Partitions);

    /// <summary>Where an item goes.</summary>
    /// <param name="view">The chunk it is in.</param>
    /// <param name="item">Its ordinal in the chunk.</param>
    /// <param name="hash">As in <see cref="PartitionOf"/>.</param>
    /// <param name="scratch">Memory to use; empty again afterwards.</param>
    public Route RouteOf(OtlpView view, int item, ulong hash, PooledBuffer scratch)
    {
        var stream = _keySlots.Length == 0 ? _fixed[(int)view.Signal] : StreamOf(view, view.ItemNodes[item], scratch);
        if (_config.Partitions == 1)
        {
            return new Route(stream, 0);
        }

        var decides = _config.PartitionBy switch
        {
            PartitionBy.TraceId => TraceIdLow(view, item),
            PartitionBy.Attribute => AttributeHash(view, view.ItemNodes[item], scratch),
            _ => null,
        };
        return new Route(stream, PartitionOf(decides ?? hash));
    }

    /// <summary>The last 8 bytes of an item's trace id; null where it has none.</summary>
    internal static ulong? TraceIdLow(OtlpView view, int item)
    {
        if (view.Signal == Signal.Traces)
        {
            ref readonly var span = ref view.Spans[item];
            return (span.TraceIdHigh | span.TraceIdLow) == 0 ? null : span.TraceIdLow;
        }

        if (view.Signal == Signal.Metrics)
        {
            return null;
        }

        var id = new LogRecordView(view.ReceivedBytes(view.ItemNodes[item])).TraceId;
        return id.Length == TraceIdLength && id.ContainsAnyExcept((byte)0) ? BinaryPrimitives.ReadUInt64BigEndian(id[sizeof(ulong)..]) : null;
    }

    private ulong? AttributeHash(OtlpView view, int node, PooledBuffer scratch)
    {
        if (!TryGet(view, node, _partitionSlot, out var value))
        {
            return null;
        }

        value.WriteText(scratch);
        var hash = Crc32.HashToUInt32(scratch.Written.Span);
        scratch.Clear();
        return hash;
    }

    private StreamKeys StreamOf(OtlpView view, int node, PooledBuffer scratch)
    {
        scratch.Write([(byte)view.Signal]);
        foreach (var slot in _keySlots)
        {
            var start = (int)scratch.Length;
            scratch.Write([0, 0, 0, 0]);
            if (TryGet(view, node, slot, out var value))
            {
                value.WriteText(scratch);
            }

            BitConverter.TryWriteBytes(scratch.WrittenSpan[start..], (int)scratch.Length - start - sizeof(int));
        }

        var stream = _table.Find(scratch.Written.Span);
        scratch.Clear();
        return stream;
    }

    // What an item says of itself counts more than what its service says of all its items.
    private bool TryGet(OtlpView view, int node, int slot, out AnyValueView value) =>
        view.TryGetAttribute(_slots, node, slot, out value)
        || view.TryGetAttribute(_slots, view.ResourceOf(node), slot, out value);
}
