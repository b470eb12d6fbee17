using System.IO.Hashing;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams.Flat;

/// <summary>
/// Writes a span, data point or log record as the plain fields of an entry, straight from the batch's bytes. What the
/// fields are called is described in <c>docs/redis-streams.md</c>.
/// </summary>
/// <remarks>Not thread-safe: it keeps the fields of the resource that it saw last. Nothing is allocated for an item.</remarks>
internal sealed partial class FlatEncoder : IDisposable
{
    private static readonly byte[][] FieldNames = Utf8(
        EntryField.Version, EntryField.Id, EntryField.Type, "service", "trace_id", "span_id", "parent_span_id", "name", "kind", "start_ns",
        "end_ns", "duration_ns", "status_code", "status_message", "events", "links", "event_name", "time_ns", "observed_time_ns",
        "severity", "severity_number", "body", "metric", "unit", "metric_type", "temporality", "value", "count", "sum", "min", "max",
        "buckets", "quantiles", "scale", "zero_count", "positive", "negative", "exemplars", "chain", "root_cause");

    private readonly byte[][] _attributes;
    private readonly byte[][] _resourceAttributes;
    private readonly bool _allResourceAttributes;
    private readonly EntryBuffer _resource = new();
    private readonly ValueWriter _values = new();
    private OtlpView? _view;
    private int _resourceNode = -1;
    private ulong _resourceHash;

    /// <param name="attributes">Attributes of items to write; empty for all.</param>
    /// <param name="resourceAttributes">Attributes of the resource to write; a single <c>*</c> for all.</param>
    public FlatEncoder(IReadOnlyList<string> attributes, IReadOnlyList<string> resourceAttributes)
    {
        _attributes = Utf8([.. attributes]);
        _resourceAttributes = Utf8([.. resourceAttributes]);
        _allResourceAttributes = resourceAttributes is ["*"];
    }

    /// <summary>A hash of an item, its metric and its resource: what makes it the same item when it comes again.</summary>
    /// <param name="view">The chunk.</param>
    /// <param name="item">The item's ordinal in it.</param>
    public UInt128 Identify(OtlpView view, int item)
    {
        var node = view.ItemNodes[item];
        ReadResource(view, view.ResourceOf(node));
        var seed = _resourceHash;
        if (view.Signal == Signal.Metrics)
        {
            seed ^= XxHash3.HashToUInt64(view.Name(view.MetricOf(node)));
        }

        return XxHash128.HashToUInt128(view.ReceivedBytes(node), unchecked((long)seed));
    }

    /// <summary>Forgets the chunk that was read last; to be called before its batch is given back.</summary>
    public void Forget()
    {
        _view = null;
        _resourceNode = -1;
    }

    /// <summary>Writes an item.</summary>
    /// <param name="view">The chunk, without changes that are not applied.</param>
    /// <param name="item">The item's ordinal in it.</param>
    /// <param name="id">What <see cref="Identify"/> says.</param>
    /// <param name="entry">Takes the fields; empty.</param>
    public void Encode(OtlpView view, int item, UInt128 id, EntryBuffer entry)
    {
        var node = view.ItemNodes[item];
        ReadResource(view, view.ResourceOf(node));
        entry.Text("v"u8, "1"u8);
        entry.Hash("id"u8, id);
        switch (view.Signal)
        {
            case Signal.Traces:
                EncodeSpan(view, item, entry);
                break;
            case Signal.Metrics:
                EncodePoint(view, node, entry);
                break;
            default:
                EncodeLog(view, node, entry);
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _resource.Dispose();
        _values.Dispose();
    }

    private static byte[][] Utf8(params ReadOnlySpan<string> texts)
    {
        var utf8 = new byte[texts.Length][];
        for (var i = 0; i < utf8.Length; i++)
        {
            utf8[i] = Encoding.UTF8.GetBytes(texts[i]);
        }

        return utf8;
    }

    private static bool Contains(byte[][] keys, ReadOnlySpan<byte> key)
    {
        foreach (var candidate in keys)
        {
            if (key.SequenceEqual(candidate))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Prepares the fields that all items of a resource share.</summary>
    private void ReadResource(OtlpView view, int node)
    {
        if (ReferenceEquals(view, _view) && node == _resourceNode)
        {
            return;
        }

        _view = view;
        _resourceNode = node;
        _resourceHash = XxHash3.HashToUInt64(view.ReceivedBytes(node));
        _resource.Clear();
        var hasService = view.TryGetAttribute(node, "service.name"u8, out var service);
        _resource.Text("service"u8, hasService ? service.Text : default);
        foreach (var attribute in view.Attributes(node))
        {
            if (!attribute.Key.SequenceEqual("service.name"u8) && (_allResourceAttributes || Contains(_resourceAttributes, attribute.Key)))
            {
                _resource.Begin("resource."u8, attribute.Key);
                _values.Write(attribute.Value, _resource);
                _resource.End();
            }
        }
    }

    /// <summary>Writes attributes under their own keys, those that a field of the format has taken with <c>attributes.</c> in front.</summary>
    private void WriteAttributes(AttributeEnumerator attributes, EntryBuffer entry)
    {
        foreach (var attribute in attributes)
        {
            var key = attribute.Key;
            if (_attributes.Length > 0 && !Contains(_attributes, key))
            {
                continue;
            }

            var taken = !key.Contains((byte)'.') && Contains(FieldNames, key);
            entry.Begin(taken ? "attributes."u8 : default, key);
            _values.Write(attribute.Value, entry);
            entry.End();
        }
    }
}
