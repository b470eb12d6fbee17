using System.Globalization;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;

namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>Transfers as services send them that know nothing of business keys: everything enrichment has to do is left to do.</summary>
public static class UnmappedTransfers
{
    private const int Customers = 500;

    /// <summary>Spans of one service, whose values are in twelve other attributes than they should be.</summary>
    /// <param name="spans">How many.</param>
    public static ExportTraceServiceRequest Request(int spans)
    {
        var request = new TransferTraces().FromOneService(spans);
        var number = 0;
        foreach (var span in request.ResourceSpans[0].ScopeSpans[0].Spans)
        {
            var customer = (number++ % Customers).ToString("D6", CultureInfo.InvariantCulture);
            span.Attributes.Clear();
            var other = new SpanBuilder(span.Name)
                .With("http.request.header.x-biz-cust-id", $"CUST-{customer}")
                .With("http.request.header.x-biz-order-no", $"TRD20240521{number:D9}")
                .With("http.request.header.x-biz-reserve-account", "PBOC-00123-20240521-00001")
                .With("payment.channel", "unionpay")
                .With("payment.currency", "CNY")
                .With("payment.amount", $"{number}.50")
                .With("transaction.status", number % 50 == 0 ? "reject" : "success")
                .With("risk.score", "417")
                .With("risk.policy_id", "POL-TRANSFER-07")
                .With("pboc.msg_type", "hvps.111.001.01")
                .With("error.code", number % 50 == 0 ? "ERR_LIMIT_EXCEEDED" : "INFO")
                .With("http.request.header.x-tenant-id", "bank-a")
                .Build();
            span.Attributes.Add(other.Attributes);
        }

        return request;
    }

    /// <summary>The request's bytes.</summary>
    /// <param name="spans">How many spans.</param>
    public static byte[] Bytes(int spans) => Request(spans).ToByteArray();
}
