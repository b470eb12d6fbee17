using System.Buffers;
using System.Text;
using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class OtlpViewRewritingTests
{
    [Fact]
    public void RewriteTexts_EveryPlaceOfASpan_IsReached()
    {
        var span = new SpanBuilder("call secret").With("plain", "a secret b").With("secret.key", 1).With("number", 42L)
            .With("raw", new AnyValue { BytesValue = ByteString.CopyFromUtf8("secret") })
            .With("list", new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { StringValue = "secret" } } } })
            .With("map", new AnyValue
            {
                KvlistValue = new KeyValueList { Values = { new KeyValue { Key = "secret", Value = new AnyValue { IntValue = 42 } } } },
            })
            .Failed("no secret here").Build();
        span.TraceState = "v=secret";
        span.Events.Add(new Span.Types.Event { Name = "first" });
        span.Events.Add(new Span.Types.Event { Name = "secret", Attributes = { new KeyValue { Key = "k", Value = new AnyValue { StringValue = "secret" } } } });
        span.Links.Add(new Span.Types.Link { TraceState = "secret", Attributes = { new KeyValue { Key = "k", Value = new AnyValue { StringValue = "secret" } } } });
        using var batch = OtlpPayloads.Batch(Request(span));
        var view = batch.View(0);

        Assert.True(view.RewriteTexts(view.Spans[0].Node, new Replacing("secret", "***", 42)));
        Assert.False(view.RewriteTexts(view.Spans[0].Node, new Replacing("secret", "***", 42)));

        Assert.Equal("no *** here", Encoding.UTF8.GetString(view.StatusMessage(view.Spans[0])));
        Assert.Equal("call ***", Encoding.UTF8.GetString(view.Name(view.Spans[0])));
        var rewritten = OtlpPayloads.Traces(batch).ResourceSpans[0].ScopeSpans[0].Spans[0];
        Assert.DoesNotContain("secret", rewritten.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", rewritten.ToByteString().ToStringUtf8(), StringComparison.Ordinal);
        Assert.DoesNotContain("42", rewritten.Attributes.ToString(), StringComparison.Ordinal);
        Assert.Equal("first", rewritten.Events[0].Name);
        Assert.Equal(span.SpanId, rewritten.SpanId);
        Assert.Equal(span.Attributes.Count, rewritten.Attributes.Count);
        Assert.Equal(Status.Types.StatusCode.Error, rewritten.Status.Code);
    }

    [Fact]
    public void RewriteTexts_AfterOtherChanges_SeesThoseAndKeepsThem()
    {
        using var batch = OtlpPayloads.Batch(Request(new SpanBuilder("x").With("a", "secret").With("b", "secret").Build()));
        var view = batch.View(0);
        var node = view.Spans[0].Node;
        view.SetText(node, "a"u8, "clean"u8);
        view.SetText(node, "c"u8, "added secret"u8);
        view.RemoveAttribute(node, "b"u8);
        view.SetName(node, "secret name"u8);

        view.RewriteTexts(node, new Replacing("secret", "***", -1));

        var span = OtlpPayloads.Traces(batch).ResourceSpans[0].ScopeSpans[0].Spans[0];
        Assert.Equal("*** name", span.Name);
        Assert.Equal("[ { \"key\": \"a\", \"value\": { \"stringValue\": \"clean\" } }, { \"key\": \"c\", \"value\": { \"stringValue\": \"added ***\" } } ]", span.Attributes.ToString());
    }

    [Fact]
    public void ChangesBySlot_AgreeWithChangesByKey()
    {
        var request = Request(new SpanBuilder("x").With("a", "1").With("b", "2").With("a", "again").Build());
        using var bySlot = OtlpPayloads.Batch(request);
        using var byKey = OtlpPayloads.Batch(request);
        var slots = new AttributeSlots();
        int a = slots.Register("a"), b = slots.Register("b"), c = slots.Register("c");
        var (one, other) = (bySlot.View(0), byKey.View(0));
        var node = one.Spans[0].Node;

        Assert.True(one.HasAny(slots, node, new SlotMask(c, b)));
        Assert.False(one.HasAny(slots, node, new SlotMask(c)));
        one.SetText(slots, node, c, "added"u8);
        one.SetInt(slots, node, a, 7);
        Assert.True(one.RemoveAttribute(slots, node, b));
        Assert.False(one.RemoveAttribute(slots, node, b));
        Assert.False(one.HasAny(slots, node, new SlotMask(b)));
        one.SetText(slots, node, b, "back"u8);
        Assert.True(one.HasAny(slots, node, new SlotMask(b)));
        other.SetText(node, "c"u8, "added"u8);
        other.SetInt(node, "a"u8, 7);
        other.RemoveAttribute(node, "b"u8);
        other.SetText(node, "b"u8, "back"u8);

        Assert.Equal(OtlpPayloads.Traces(byKey), OtlpPayloads.Traces(bySlot));
    }

    [Fact]
    public void ChangesBySlot_InAnyOrder_AgreeWithChangesByKey()
    {
        string[] keys = ["status", "amount", "biz.order_no", "new.one", "new.two", "currency"];
        var request = new TransferTraces().Request(2);
        Gen.Select(Gen.Int[0, 33], Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[0, 3]).Array[1, 80].Sample(
            changes =>
            {
                using var bySlot = OtlpPayloads.Batch(request);
                using var byKey = OtlpPayloads.Batch(request);
                var slots = new AttributeSlots();
                var ids = Array.ConvertAll(keys, slots.Register);
                foreach (var (span, key, what, value) in changes)
                {
                    var (one, other) = (bySlot.View(0), byKey.View(0));
                    var node = one.Spans[span].Node;
                    var utf8 = Encoding.UTF8.GetBytes(keys[key]);
                    var text = Encoding.UTF8.GetBytes(new string('v', value * 100));
                    switch (what)
                    {
                        case 0:
                            Assert.Equal(other.RemoveAttribute(node, utf8), one.RemoveAttribute(slots, node, ids[key]));
                            break;
                        case 1:
                            one.SetText(slots, node, ids[key], text);
                            other.SetText(node, utf8, text);
                            break;
                        default:
                            one.SetInt(slots, node, ids[key], value);
                            other.SetInt(node, utf8, value);
                            break;
                    }

                    Assert.Equal(other.TryGetAttribute(node, utf8, out _), one.Present(slots, node).Contains(ids[key]));
                }

                Assert.Equal(byKey.Chunks[0].Bytes.ToArray(), bySlot.Chunks[0].Bytes.ToArray());
            },
            iter: 300);
    }

    private static ExportTraceServiceRequest Request(Span span) => new()
    {
        ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { span } } } } },
    };

    private sealed class Replacing(string what, string by, long number) : ITextRewriter
    {
        public bool TryRewrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
        {
            var clear = Encoding.UTF8.GetString(text);
            if (!clear.Contains(what, StringComparison.Ordinal))
            {
                return false;
            }

            output.Write(Encoding.UTF8.GetBytes(clear.Replace(what, by, StringComparison.Ordinal)));
            return true;
        }

        public bool TryRewrite(long value, IBufferWriter<byte> output)
        {
            if (value != number)
            {
                return false;
            }

            output.Write(Encoding.UTF8.GetBytes(by));
            return true;
        }
    }
}
