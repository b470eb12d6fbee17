using System.Text;
using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class OtlpViewTests
{
    [Fact]
    public void Edits_OnGeneratedRequests_LeaveWhatTheSameEditsLeaveInTheOracle() => Gen.Select(
        OtlpGenerators.AnyRequest, Gen.Int).Sample(
        static (generated, seed) =>
        {
            using var batch = OtlpPayloads.Batch(generated.Request);
            EditBoth(batch, generated.Request, seed);
        },
        iter: 500);

    // Scenario: the envelopes of two requests are put one behind the other in one, so that it has two resources, and the
    // same with two of its scopes' envelopes; the oracle merges what it reads.
    [Fact]
    public void Edits_OnRepeatedResourcesAndScopes_SeeThemMerged() => Gen.Select(
        OtlpGenerators.AnyRequest, Gen.Int, Gen.Int).Sample(
        static (generated, otherSeed, seed) =>
        {
            var (signal, request) = generated;
            var other = OtlpGenerators.Request(signal, otherSeed);
            foreach (var levels in (int[])[1, 2])
            {
                var bytes = RepeatedContent.Join(request.ToByteArray(), other.ToByteArray(), levels);
                var merged = request.Descriptor.Parser.ParseFrom(bytes);
                Assert.True(OtlpRequest.TryValidate(signal, bytes, out var items, out var error), error.ToString());
                using var batch = new OtlpBatch(OtlpChunk.FromArray(signal, bytes, items));
                using var fork = batch.Fork();
                EditBoth(batch, merged, seed);
                Assert.Equal(bytes.Length == 0 ? [] : bytes, fork.Chunks[0].Bytes.ToArray());
            }
        },
        iter: 200);

    [Fact]
    public void Spans_GeneratedRequests_HoldWhatTheOracleHolds() => OtlpGenerators.Request(Signal.Traces).Sample(
        static request =>
        {
            using var batch = OtlpPayloads.Batch(request);
            if (batch.ByteCount == 0)
            {
                return;
            }

            var view = batch.View(0);
            var at = 0;
            foreach (var resource in ((ExportTraceServiceRequest)request).ResourceSpans)
            {
                foreach (var scope in resource.ScopeSpans)
                {
                    foreach (var span in scope.Spans)
                    {
                        AssertSame(span, view, view.Spans[at++]);
                    }
                }
            }

            Assert.Equal(at, view.Spans.Length);
        },
        iter: 200);

    [Fact]
    public void TryGetAttribute_BySlot_FindsWhatTheKeyFinds() => Gen.Select(OtlpGenerators.AnyRequest, Gen.Int).Sample(
        static (generated, seed) =>
        {
            var random = new Random(seed);
            using var batch = OtlpPayloads.Batch(generated.Request);
            var slots = new AttributeSlots();
            string[] keys = ["k1", "k3", "k5", "missing"];
            foreach (var key in keys)
            {
                slots.Register(key);
            }

            if (batch.ByteCount == 0)
            {
                return;
            }

            var view = batch.View(0);
            var model = new EditModel(generated.Request);
            for (var round = 0; round < 3; round++)
            {
                for (var node = 0; node < view.Nodes.Length; node++)
                {
                    for (var slot = 0; slot < keys.Length; slot++)
                    {
                        var bySlot = view.TryGetAttribute(slots, node, slot, out var one);
                        var byKey = view.TryGetAttribute(node, Encoding.UTF8.GetBytes(keys[slot]), out var other);
                        Assert.Equal(byKey, bySlot);
                        Assert.True(one.Encoded.SequenceEqual(other.Encoded));
                    }
                }

                for (var edits = random.Next(6); edits > 0; edits--)
                {
                    model.EditAttribute(view, random);
                }
            }
        },
        iter: 200);

    [Fact]
    public void Fork_AfterEdits_SharesTheChangedBytes()
    {
        using var batch = OtlpPayloads.Batch(new TransferTraces().FromOneService(3));
        batch.View(0).SetInt(batch.View(0).ItemNodes[1], "amount"u8, 7);
        using var fork = batch.Fork();
        Assert.Same(batch.Chunks[0], fork.Chunks[0]);
        fork.View(0).RemoveAttribute(fork.View(0).ItemNodes[1], "amount"u8);
        Assert.Equal(7, Amount(OtlpPayloads.Traces(batch), 1));
        Assert.Equal(-1, Amount(OtlpPayloads.Traces(fork), 1));
    }

    [Fact]
    public void Drop_EveryItemOfOneOfTwoChunks_LeavesTheOther()
    {
        var traces = new TransferTraces();
        using var batch = OtlpPayloads.Batch(traces.FromOneService(2), traces.FromOneService(3));
        var view = batch.View(0);
        foreach (var node in view.ItemNodes)
        {
            view.Drop(node);
        }

        Assert.Equal(3, batch.ItemCount);
        Assert.Single(batch.Chunks);
        Assert.Equal(3, Oracle.CountItems(OtlpPayloads.Traces(batch)));
    }

    [Fact]
    public void SetText_OnAResourceLeftOut_AddsIt()
    {
        using var batch = OtlpPayloads.Batch(new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { new SpanBuilder("a").Build() } } } } },
        });
        var view = batch.View(0);
        view.SetText(view.ResourceOf(view.ItemNodes[0]), "service.name"u8, "b"u8);
        view.SetText(view.ScopeOf(view.ItemNodes[0]), "c"u8, "d"u8);
        var result = OtlpPayloads.Traces(batch).ResourceSpans[0];
        Assert.Equal("b", result.Resource.Attributes[0].Value.StringValue);
        Assert.Equal("d", result.ScopeSpans[0].Scope.Attributes[0].Value.StringValue);
    }

    [Fact]
    public void ReadEditAndApply_MoreSpans_AllocatesNotMore()
    {
        var few = EditEverySpan(200);
        var many = EditEverySpan(2000);

        // The list of outgrown arenas has a place for each doubling; nothing else may grow.
        Assert.True(many - few <= 256, $"{few} bytes for 200 spans, {many} for 2000");
    }

    private static void EditBoth(OtlpBatch batch, IMessage request, int seed)
    {
        var random = new Random(seed);
        var model = new EditModel(request.Descriptor.Parser.ParseFrom(request.ToByteArray()));
        for (var round = 0; round < 2 && batch.ViewCount > 0; round++)
        {
            var view = batch.View(0);
            model.Rebuild();
            Assert.Equal(model.NodeCount, view.Nodes.Length);
            for (var edits = random.Next(12); edits > 0; edits--)
            {
                model.EditBoth(view, random);
            }

            Assert.Equal(Oracle.CountItems(model.Request), batch.ItemCount);
            Assert.Equal(model.Request, OtlpPayloads.Parse(batch));
            Assert.Equal(Oracle.CountItems(model.Request), batch.ItemCount);
            foreach (var chunk in batch.Chunks)
            {
                Assert.True(OtlpRequest.TryValidate(batch.Signal, chunk.Bytes, out var items, out var error), error.ToString());
                Assert.Equal(items, chunk.ItemCount);
            }
        }
    }

    private static long EditEverySpan(int spans)
    {
        var bytes = new TransferTraces().FromOneService(spans).ToByteArray();
        var slots = new AttributeSlots();
        var amount = slots.Register("amount");
        return Allocations.Least(() =>
        {
            using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, bytes, spans));
            var view = batch.View(0);
            long sum = 0;
            foreach (ref readonly var span in view.Spans)
            {
                view.TryGetAttribute(slots, span.Node, amount, out var value);
                sum += value.Int + (span.DurationNs ?? 0);
                view.SetText(span.Node, "status"u8, "checked"u8);
                view.SetInt(span.Node, "sum"u8, sum);
                view.RemoveAttribute(span.Node, "currency"u8);
            }

            Assert.NotEqual(0, batch.ByteCount);
        });
    }

    private static void AssertSame(Span span, OtlpView view, SpanRecord record)
    {
        Assert.Equal(span.Name, Encoding.UTF8.GetString(view.Name(record)));
        Assert.Equal(span.Status?.Message ?? "", Encoding.UTF8.GetString(view.StatusMessage(record)));
        Assert.Equal((span.StartTimeUnixNano, span.EndTimeUnixNano), (record.StartNs, record.EndNs));
        Assert.Equal((int)span.Kind == 77 ? 0 : (int)span.Kind, (int)record.Kind);
        Assert.Equal((int)(span.Status?.Code ?? 0) == 77 ? 0 : (int)(span.Status?.Code ?? 0), (int)record.StatusCode);
        Assert.Equal(span.TraceId.IsEmpty ? new string('0', 32) : Convert.ToHexString(span.TraceId.Span), $"{record.TraceIdHigh:X16}{record.TraceIdLow:X16}");
        Assert.Equal(span.SpanId.IsEmpty ? new string('0', 16) : Convert.ToHexString(span.SpanId.Span), $"{record.SpanId:X16}");
        Assert.Equal(span.ParentSpanId.IsEmpty ? new string('0', 16) : Convert.ToHexString(span.ParentSpanId.Span), $"{record.ParentSpanId:X16}");
        Assert.Equal(view.ResourceOf(record.Node), record.ResourceNode);
        Assert.Equal(view.ScopeOf(record.Node), record.ScopeNode);
    }

    private static long Amount(ExportTraceServiceRequest request, int span)
    {
        foreach (var attribute in request.ResourceSpans[0].ScopeSpans[0].Spans[span].Attributes)
        {
            if (attribute.Key == "amount")
            {
                return attribute.Value.IntValue;
            }
        }

        return -1;
    }
}
