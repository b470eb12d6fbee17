using System.Linq;
using CsCheck;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Outbound;

/// <summary>Property: behind a server with a size limit every record arrives once or is counted as rejected, whatever the sizes.</summary>
public sealed class BatchHalvesTests
{
    private static readonly Gen<(int[] Sizes, int[] Resources, int Limit)> Cases = Gen.Select(
        Gen.Int[0, 400].Array[1, 40], Gen.Int[1, 3].Array[1, 4], Gen.Int[60, 3000]);

    [Fact]
    public async Task Send_AnySizesAndLimit_EveryItemArrivesOnceOrIsCounted() => await Cases.SampleAsync(async testCase =>
    {
        using var batch = OtlpPayloads.Batch([.. Requests(testCase.Sizes, testCase.Resources.Length)]);
        var delivered = new List<string>();

        var result = await BatchHalves.SendAsync(
            batch, (part, _) => ValueTask.FromResult(Send(part, testCase.Limit, delivered)),
            TestContext.Current.CancellationToken);

        Assert.NotEqual(ConsumeOutcome.Retry, result.Outcome);
        Assert.Equal(delivered.Count, delivered.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(testCase.Sizes.Length, delivered.Count + result.RejectedCount);

        // Whatever fits alone has arrived.
        for (var i = 0; i < testCase.Sizes.Length; i++)
        {
            using var alone = OtlpPayloads.Batch(Request([(i, testCase.Sizes[i])]));
            Assert.Equal(alone.ByteCount <= testCase.Limit, delivered.Contains($"record-{i}"));
        }
    });

    [Fact]
    public async Task Send_LaterPartIsToBeRetried_RetriesTheWhole()
    {
        using var batch = OtlpPayloads.Batch(Request([(0, 100), (1, 100)]));
        var calls = 0;

        var result = await BatchHalves.SendAsync(
            batch,
            (_, _) => ValueTask.FromResult(calls++ switch
            {
                0 => ConsumeResult.Rejected(BatchHalves.TooLarge, "too large", 2),
                1 => ConsumeResult.Accepted,
                _ => ConsumeResult.Retry("unavailable", "busy", TimeSpan.FromSeconds(1)),
            }),
            TestContext.Current.CancellationToken);

        Assert.Equal((ConsumeOutcome.Retry, "unavailable", 3), (result.Outcome, result.Reason, calls));
    }

    private static ConsumeResult Send(OtlpBatch part, int limit, List<string> delivered)
    {
        if (part.ByteCount > limit)
        {
            return ConsumeResult.Rejected(BatchHalves.TooLarge, "too large", part.ItemCount);
        }

        var bytes = part.Chunks.SelectMany(static chunk => chunk.Bytes.ToArray()).ToArray();
        delivered.AddRange(
            from resource in ExportLogsServiceRequest.Parser.ParseFrom(bytes).ResourceLogs
            from scope in resource.ScopeLogs
            from record in scope.LogRecords
            select record.EventName);
        return ConsumeResult.Accepted;
    }

    private static IEnumerable<ExportLogsServiceRequest> Requests(int[] sizes, int chunks) =>
        sizes.Select(static (size, i) => (i, size)).Chunk((sizes.Length + chunks - 1) / chunks).Select(Request);

    private static ExportLogsServiceRequest Request((int Number, int Size)[] records)
    {
        var scope = new ScopeLogs();
        scope.LogRecords.AddRange(records.Select(static r => new LogRecord
        {
            EventName = $"record-{r.Number}",
            Body = new AnyValue { StringValue = new string('x', r.Size) },
        }));
        return new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { scope } } } };
    }
}
