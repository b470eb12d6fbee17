using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// Copies the items of a batch that have one destination into a request of their own. Their resources, scopes and metrics
/// are repeated; items keep their order.
/// </summary>
/// <remarks>Unknown fixed32 fields and groups of resources, scopes and metrics are not copied: OTLP has none there.</remarks>
public ref struct RequestCutter
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

    /// <summary>Copies the items of one destination.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="destinations">The destination's number for each item of all chunks, in order.</param>
    /// <param name="destination">The destination's number.</param>
    /// <returns>A request with one reference, the caller's.</returns>
    public static OtlpChunk Copy(OtlpBatch batch, ReadOnlySpan<int> destinations, int destination)
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
                if (destinations[item] == destination)
                {
                    cutter.Add(view, itemNodes[item]);
                    items++;
                }
            }

            destinations = destinations[itemNodes.Length..];
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

        _builder.WriteBytes(new OtlpField(view.Nodes[path[^1]].Kind == OtlpNodeKind.MetricData ? 1 : 2), view.ReceivedBytes(item));
    }

    private void Open(OtlpView view, int holder)
    {
        _openNodes[_open] = holder;
        _openStarts[_open++] = _builder.BeginMessage(new OtlpField(FieldOf(view, holder)));
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
                    _builder.WriteBytes(new OtlpField(fields.Field), fields.Content);
                    break;
                case WireType.Varint:
                    _builder.WriteVarint(new OtlpField(fields.Field), fields.Number);
                    break;
                case WireType.Fixed64:
                    _builder.WriteFixed64(new OtlpField(fields.Field), fields.Number);
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
            _builder.EndMessage(_openStarts[--_open]);
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
