using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// The data points of a scope, those of one time, start, unit and set of attributes together: they share a document.
/// Reused; not thread-safe.
/// </summary>
internal sealed class PointGroups : IDisposable
{
    private readonly XxHash128 _hasher = new();
    private readonly FieldList _names = new();
    private MetricPlace[] _points = ArrayPool<MetricPlace>.Shared.Rent(256);
    private UInt128[] _order = ArrayPool<UInt128>.Shared.Rent(256);

    /// <summary>Points taken in.</summary>
    public int Count { get; private set; }

    /// <summary>Takes in points of a scope from a place on, up to a number, and puts them in order.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="metrics">The metrics of the scope, in the chunk.</param>
    /// <param name="skip">Points of the scope to pass over.</param>
    /// <param name="countMax">Points to take at most.</param>
    /// <param name="isFlat">Whether the server takes a metric <c>a</c> beside <c>a.b</c>.</param>
    /// <returns>Whether there are more.</returns>
    public bool Read(ReadOnlyMemory<byte> chunk, MessageEnumerator metrics, int skip, int countMax, bool isFlat)
    {
        Count = 0;
        _names.Clear();
        var more = ReadMetrics(chunk.Span, metrics, skip, countMax);
        if (Count > 0)
        {
            _names.Resolve(chunk, isFlat);
            _order.AsSpan(0, Count).Sort();
        }

        return more;
    }

    private bool ReadMetrics(ReadOnlySpan<byte> chunk, MessageEnumerator metrics, int skip, int countMax)
    {
        foreach (var metric in metrics)
        {
            if (ReadMetric(chunk, metric, ref skip, countMax))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A point, in order.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public ref readonly MetricPlace this[int index] => ref _points[(int)(uint)_order[index]];

    /// <summary>
    /// The name of a point's field: the metric's, such that it stands beside those of all other metrics of the window,
    /// whether or not they are in the same document.
    /// </summary>
    /// <param name="index">The point, in order.</param>
    public ReadOnlySpan<byte> NameOf(int index) => _names.NameOf(FieldOf(index), []);

    /// <summary>The number of a point's field; equal for points of one name.</summary>
    /// <param name="index">The point, in order.</param>
    public int FieldOf(int index) => _names.Kept(this[index].Metric);

    /// <summary>Whether two points share a document.</summary>
    /// <param name="a">A point, in order.</param>
    /// <param name="b">Another one.</param>
    public bool IsSameGroup(int a, int b) => _order[a] >> 32 == _order[b] >> 32;

    /// <inheritdoc/>
    public void Dispose()
    {
        _names.Dispose();
        ArrayPool<MetricPlace>.Shared.Return(_points);
        ArrayPool<UInt128>.Shared.Return(_order);
        (_points, _order) = ([], []);
    }

    private bool ReadMetric(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> encoded, ref int skip, int countMax)
    {
        var metric = new MetricView(encoded);
        var metricAt = AttributeRange.OffsetOf(chunk, encoded);
        var isFirst = true;
        foreach (var point in metric.Points)
        {
            if (skip-- > 0)
            {
                continue;
            }

            skip = 0;
            if (Count == countMax)
            {
                return true;
            }

            if (isFirst)
            {
                _names.AddMetric(metric.Name);
                isFirst = false;
            }

            Add(
                point, metric.Unit,
                new MetricPlace
                {
                    MetricAt = metricAt,
                    MetricLength = encoded.Length,
                    PointAt = AttributeRange.OffsetOf(chunk, point),
                    PointLength = point.Length,
                    Metric = _names.Count - 1,
                    Type = metric.Type,
                });
        }

        return false;
    }

    private void Add(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> unit, MetricPlace place)
    {
        if (Count == _points.Length || Count == _order.Length)
        {
            Grow(ref _points);
            Grow(ref _order);
        }

        _hasher.Reset();
        _hasher.Append(unit);
        var point = MetricPointView.Read(encoded, place.Type);
        var attributes = point.Attributes;
        while (attributes.MoveNext())
        {
            _hasher.Append(attributes.CurrentEncoded);
        }

        (place.StartNs, place.TimeNs) = (point.StartNs, point.TimeNs);
        Span<byte> times = stackalloc byte[17];
        times.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(times, point.StartNs);
        BinaryPrimitives.WriteUInt64BigEndian(times[8..], point.TimeNs);
        _hasher.Append(times);
        _points[Count] = place;

        // The place in the list comes last, so that equal groups keep the order of the metrics.
        _order[Count] = (_hasher.GetCurrentHashAsUInt128() >> 32 << 32) | (uint)Count;
        Count++;
    }

    private void Grow<T>(ref T[] array)
    {
        var larger = ArrayPool<T>.Shared.Rent(2 * array.Length);
        array.AsSpan(0, Count).CopyTo(larger);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }
}
