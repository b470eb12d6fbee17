using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>Makes traces of money transfers over the 17 nodes, the same ones for the same seed.</summary>
public sealed class TransferTraces
{
    /// <summary>2024-05-21T00:00:00Z, when the first transfer starts.</summary>
    public const ulong FirstStartNs = 1_716_249_600_000_000_000;

    private const ulong BetweenTransfersNs = 10_000_000;
    private readonly Random _random;
    private ulong _made;

    public TransferTraces(int seed = 1) => _random = new Random(seed);

    /// <summary>Whole transfers in one request: 17 resources with one scope each, a span per transfer in each.</summary>
    /// <param name="transfers">How many traces.</param>
    /// <param name="failing">Whether each fails with <c>ERR_INSUFFICIENT_BALANCE</c> at the balance ledger.</param>
    public ExportTraceServiceRequest Request(int transfers, bool failing = false)
    {
        var request = new ExportTraceServiceRequest();
        foreach (var node in TransferNode.All)
        {
            request.ResourceSpans.Add(Envelope(node));
        }

        for (var i = 0; i < transfers; i++)
        {
            var spans = Transfer(failing);
            for (var node = 0; node < spans.Count; node++)
            {
                request.ResourceSpans[node].ScopeSpans[0].Spans.Add(spans[node]);
            }
        }

        return request;
    }

    /// <summary>A request of that many spans of one service, as its SDK would send it.</summary>
    /// <param name="spans">How many.</param>
    /// <param name="node">Index of the service.</param>
    public ExportTraceServiceRequest FromOneService(int spans, int node = 10)
    {
        var envelope = Envelope(TransferNode.All[node]);
        for (var i = 0; i < spans; i++)
        {
            envelope.ScopeSpans[0].Spans.Add(Transfer(failing: false)[node]);
        }

        return new ExportTraceServiceRequest { ResourceSpans = { envelope } };
    }

    /// <summary>The 17 spans of one transfer, in the order of <see cref="TransferNode.All"/>.</summary>
    public IReadOnlyList<Span> Transfer(bool failing)
    {
        var number = ++_made;
        var traceHigh = 0x5452_4400_0000_0000 + (ulong)_random.Next();
        var spans = new List<Span>(TransferNode.All.Count);
        for (var node = 0; node < TransferNode.All.Count; node++)
        {
            spans.Add(SpanOf(node, traceHigh, number, failing));
        }

        return spans;
    }

    private static ResourceSpans Envelope(TransferNode node)
    {
        var resource = new Resource();
        Add(resource, "service.name", node.Service);
        Add(resource, "service.instance.id", node.Service + "-0");
        Add(resource, "service.version", "2.4.1");
        Add(resource, "deployment.environment.name", "production");
        Add(resource, "tenant.id", "bank-a");
        return new ResourceSpans
        {
            Resource = resource,
            ScopeSpans = { new ScopeSpans { Scope = new InstrumentationScope { Name = "transfer", Version = "1.0.0" } } },
        };
    }

    private static void Add(Resource resource, string key, string value) =>
        resource.Attributes.Add(new KeyValue { Key = key, Value = new AnyValue { StringValue = value } });

    private Span SpanOf(int index, ulong traceHigh, ulong transfer, bool failing)
    {
        const int BalanceLedger = 10;
        var node = TransferNode.All[index];
        var startNs = FirstStartNs + (transfer * BetweenTransfersNs) + ((ulong)index * 1_000_000);
        var span = new SpanBuilder("transfer/" + node.Service)
            .Trace(traceHigh, transfer)
            .Id((transfer << 8) + (ulong)index + 1)
            .Parent(node.Parent < 0 ? 0 : (transfer << 8) + (ulong)node.Parent + 1)
            .Kind(index == 0 ? Span.Types.SpanKind.Client : Span.Types.SpanKind.Server)
            .At(startNs, (ulong)_random.Next(1_000_000, 80_000_000))
            .With("node_type", node.NodeType)
            .With("ts_ms", (long)(startNs / 1_000_000))
            .With("biz.order_no", $"TRD20240521{transfer:D9}")
            .With("biz.customer_id", $"{transfer:x16}{transfer * 31:x16}{transfer * 37:x16}{transfer * 41:x16}")
            .With("amount", (long)_random.Next(100, 10_000_000))
            .With("currency", "CNY")
            .With("payment_channel", transfer % 2 == 0 ? "unionpay" : "nucc")
            .With("risk_score", (long)_random.Next(0, 1000))
            .With("reversal", value: false);
        if (failing && index == BalanceLedger)
        {
            return span.With("status", "reject").With("code", "ERR_INSUFFICIENT_BALANCE").Failed("balance too low").Build();
        }

        return span.With("status", "success").Build();
    }
}
