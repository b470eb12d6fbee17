using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

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
    /// <param name="at">Offset of the <c>ScopeMetrics</c>.</param>
    /// <param name="length">Its length.</param>
    /// <param name="skip">Points of the scope to pass over.</param>
    /// <param name="countMax">Points to take at most.</param>
    /// <param name="isFlat">Whether the server takes a metric <c>a</c> beside <c>a.b</c>.</param>
    /// <returns>Whether there are more.</returns>
    public bool Read(ReadOnlyMemory<byte> chunk, int at, int length, int skip, int countMax, bool isFlat)
    {
        Count = 0;
        _names.Clear();
        var more = ReadMetrics(chunk.Span, at, length, skip, countMax);
        if (Count > 0)
        {
            _names.Resolve(chunk, isFlat);
            _order.AsSpan(0, Count).Sort();
        }

        return more;
    }

    private bool ReadMetrics(ReadOnlySpan<byte> chunk, int at, int length, int skip, int countMax)
    {
        const int MetricsField = 2;
        var metrics = new WireReader(chunk, at, length);
        while (metrics.Next())
        {
            if (metrics is { Field: MetricsField, Type: WireType.LengthDelimited }
                && ReadMetric(chunk, metrics.ValueOffset, metrics.ValueLength, ref skip, countMax))
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

    private bool ReadMetric(ReadOnlySpan<byte> chunk, int at, int length, ref int skip, int countMax)
    {
        const int PointsField = 1;
        var metric = new MetricFields(chunk, at, length);
        var points = new WireReader(chunk, metric.DataAt, metric.DataLength);
        var isFirst = true;
        while (metric.Type != MetricType.None && points.Next())
        {
            if (points is not { Field: PointsField, Type: WireType.LengthDelimited } || skip-- > 0)
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
                chunk, metric.Unit,
                new MetricPlace
                {
                    MetricAt = at,
                    MetricLength = length,
                    PointAt = points.ValueOffset,
                    PointLength = points.ValueLength,
                    Metric = _names.Count - 1,
                    Type = metric.Type,
                });
        }

        return false;
    }

    private void Add(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> unit, MetricPlace place)
    {
        if (Count == _points.Length || Count == _order.Length)
        {
            Grow(ref _points);
            Grow(ref _order);
        }

        _hasher.Reset();
        _hasher.Append(unit);
        Span<byte> times = stackalloc byte[17];
        times.Clear();
        var attributeField = MetricFields.AttributeField(place.Type);
        var fields = new WireReader(chunk, place.PointAt, place.PointLength);
        while (fields.Next())
        {
            if (fields.Field == attributeField && fields.Type == WireType.LengthDelimited)
            {
                _hasher.Append(fields.Content);
            }
            else if (fields is { Field: 2 or 3, Type: WireType.Fixed64 })
            {
                BinaryPrimitives.WriteUInt64BigEndian(times[(fields.Field == 2 ? 0 : 8)..], fields.Number);
                (place.StartNs, place.TimeNs) = fields.Field == 2 ? (fields.Number, place.TimeNs) : (place.StartNs, fields.Number);
            }
        }

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
