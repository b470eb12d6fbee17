using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>
/// Writes the items of a batch that go to one place as a request of its own. What holds them is repeated; items are
/// copied whole, in their order.
/// </summary>
/// <remarks>Of what holds items, unknown fields of 32 bits and groups are left out: OTLP has none there.</remarks>
internal ref struct RequestCutter
{
    private const int DepthMax = 4;

    private readonly OtlpRequestBuilder _builder;
    private readonly Span<int> _openNodes;
    private readonly Span<int> _openStarts;
    private int _open;

    private RequestCutter(OtlpRequestBuilder builder, Span<int> openNodes, Span<int> openStarts)
    {
        _builder = builder;
        _openNodes = openNodes;
        _openStarts = openStarts;
    }

    /// <summary>Cuts out what goes to one place.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="places">For each item of all chunks, in order, the number of its place.</param>
    /// <param name="place">The number of the place.</param>
    /// <returns>A request with one reference, the caller's.</returns>
    public static OtlpChunk Cut(OtlpBatch batch, ReadOnlySpan<int> places, int place)
    {
        using var builder = new OtlpRequestBuilder();
        var cutter = new RequestCutter(builder, stackalloc int[DepthMax], stackalloc int[DepthMax]);
        var items = 0;
        for (var i = 0; i < batch.ViewCount; i++)
        {
            var view = batch.View(i);
            var itemNodes = view.ItemNodes;
            for (var item = 0; item < itemNodes.Length; item++)
            {
                if (places[item] == place)
                {
                    cutter.Add(view, itemNodes[item]);
                    items++;
                }
            }

            places = places[itemNodes.Length..];
            cutter.Close(0);
        }

        return builder.Finish(batch.Signal, items);
    }

    private void Add(OtlpView view, int item)
    {
        Span<int> path = stackalloc int[DepthMax];
        var depth = DepthMax;
        for (var node = view.Nodes[item].Parent; node >= 0; node = view.Nodes[node].Parent)
        {
            path[--depth] = node;
        }

        path = path[depth..];
        var same = path.CommonPrefixLength(_openNodes[.._open]);
        Close(same);
        foreach (var holder in path[same..])
        {
            Open(view, holder);
        }

        _builder.Bytes(view.Nodes[path[^1]].Kind == OtlpNodeKind.MetricData ? 1 : 2, view.ReceivedBytes(item));
    }

    private void Open(OtlpView view, int holder)
    {
        _openNodes[_open] = holder;
        _openStarts[_open++] = _builder.Begin(FieldOf(view, holder));
        var fields = new WireReader(view.ReceivedBytes(holder));
        while (fields.Next())
        {
            if (HoldsItems(view.Nodes[holder].Kind, fields.Field))
            {
                continue;
            }

            switch (fields.Type)
            {
                case WireType.LengthDelimited:
                    _builder.Bytes(fields.Field, fields.Content);
                    break;
                case WireType.Varint:
                    _builder.Varint(fields.Field, fields.Number);
                    break;
                case WireType.Fixed64:
                    _builder.Fixed64(fields.Field, fields.Number);
                    break;
                default:
                    break;
            }
        }
    }

    private void Close(int depth)
    {
        while (_open > depth)
        {
            _builder.End(_openStarts[--_open]);
        }
    }

    private static int FieldOf(OtlpView view, int holder) => view.Nodes[holder].Kind switch
    {
        OtlpNodeKind.ResourceEnvelope => 1,
        OtlpNodeKind.ScopeEnvelope or OtlpNodeKind.Metric => 2,
        _ => view.TypeOfMetric(holder) switch
        {
            MetricType.Gauge => 5,
            MetricType.Sum => 7,
            MetricType.Histogram => 9,
            MetricType.ExponentialHistogram => 10,
            _ => 11,
        },
    };

    private static bool HoldsItems(OtlpNodeKind kind, int field) => kind switch
    {
        OtlpNodeKind.ResourceEnvelope or OtlpNodeKind.ScopeEnvelope => field == 2,
        OtlpNodeKind.Metric => field is 5 or 7 or 9 or 10 or 11,
        _ => field == 1,
    };
}
