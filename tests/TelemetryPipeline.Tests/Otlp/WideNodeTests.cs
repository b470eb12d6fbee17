using System.Buffers;
using System.Linq;
using System.Text;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Editing;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

/// <summary>Nodes with very many edits: the same outcome as for few, in steps that are in proportion to them.</summary>
public sealed class WideNodeTests
{
    private const int Many = 20_000;

    [Fact]
    public void RewriteTexts_EveryAttributeOfOneSpan_TakesStepsInProportion()
    {
        using var batch = AdversarialRequests.Batch(Signal.Traces, Span(Many, i => ($"key-{i}", "secret")));
        var view = batch.View(0);
        var rewriter = new Uppercase();
        Assert.True(view.RewriteTexts(view.Spans[0].Node, rewriter));

        Assert.InRange(view.EditSteps, 1, 10L * Many);
        Assert.InRange(rewriter.Calls, Many, 3 * Many);
        var attributes = Attributes(batch);
        Assert.Equal(Many, attributes.Count);
        Assert.All(attributes, pair => Assert.Equal("SECRET", pair.Value.StringValue));
        Assert.Equal("key-0", attributes[0].Key);
        Assert.Equal($"key-{Many - 1}", attributes[^1].Key);
    }

    [Fact]
    public void RewriteAttributes_EveryAttributeOfOneSpan_TakesStepsInProportion()
    {
        using var batch = AdversarialRequests.Batch(Signal.Traces, Span(Many, i => ($"key-{i % 10}", "secret")));
        var view = batch.View(0);
        Assert.True(view.RewriteAttributes(view.Spans[0].Node, new Masked()));

        Assert.InRange(view.EditSteps, 1, 10L * Many);
        Assert.All(Attributes(batch), pair => Assert.Equal("*", pair.Value.StringValue));
    }

    [Fact]
    public void RemoveAttribute_RepeatedKeysFromTheBack_TakesStepsInProportion()
    {
        using var batch = AdversarialRequests.Batch(Signal.Traces, Span(Many, i => ($"key-{i % (Many / 2)}", "v")));
        var view = batch.View(0);
        for (var i = (Many / 2) - 1; i > 0; i--)
        {
            Assert.True(view.RemoveAttribute(view.Spans[0].Node, Encoding.UTF8.GetBytes($"key-{i}")));
        }

        Assert.InRange(view.EditSteps, 1, 10L * Many);
        Assert.Equal(["key-0", "key-0"], Attributes(batch).Select(static pair => pair.Key));
    }

    [Fact]
    public void Changes_InAnyOrder_AgreeWithAModel()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            var model = new List<(string Key, string Value)>();
            var bytes = Span(400, i =>
            {
                model.Add(($"key-{random.Next(300)}", $"{i}"));
                return model[^1];
            });
            using var batch = AdversarialRequests.Batch(Signal.Traces, bytes);
            var view = batch.View(0);
            for (var change = 0; change < 600; change++)
            {
                var key = $"key-{random.Next(500)}";
                var first = model.FindIndex(pair => pair.Key == key);
                var kept = first >= 0 ? model[first].Value : null;
                if (random.Next(3) == 0)
                {
                    Assert.Equal(first >= 0, view.RemoveAttribute(view.Spans[0].Node, Encoding.UTF8.GetBytes(key)));
                    model.RemoveAll(pair => pair.Key == key);
                    continue;
                }

                Assert.Equal(kept is not null, view.TryGetAttribute(view.Spans[0].Node, Encoding.UTF8.GetBytes(key), out var present));
                Assert.Equal(kept ?? "", Encoding.UTF8.GetString(present.Text));
                view.SetText(view.Spans[0].Node, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"new-{change}"));
                model.RemoveAll(pair => pair.Key == key);
                model.Add((key, $"new-{change}"));
            }

            // Where an attribute stands after it was changed is not promised, only that it is there once.
            Assert.True(
                model.Order().SequenceEqual(Attributes(batch).Select(static pair => (pair.Key, pair.Value.StringValue)).Order()),
                $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void OffsetTree_Before_AgreesWithASortedSet()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        foreach (var length in new[] { 1, 64, 65, 5_000, 300_000 })
        {
            var tree = new OffsetTree(length);
            var sorted = new SortedSet<int>();
            for (var i = 0; i < 500; i++)
            {
                var added = random.Next(length);
                tree.Add(added);
                sorted.Add(added);
                var asked = random.Next(length);
                var expected = asked == 0 ? -1 : sorted.GetViewBetween(0, asked - 1) is { Count: > 0 } below ? below.Max : -1;
                Assert.True(expected == tree.Before(asked), $"seed {seed}, length {length}, before {asked}");
            }
        }
    }

    [Fact]
    public void DepthBuffers_LongTextNestedDeep_AreNotKeptForEachDepth()
    {
        var buffers = new DepthBuffers();
        for (var depth = 90; depth >= 0; depth--)
        {
            buffers.At(depth).Write(new byte[1 << 20]);
            buffers.Shrink(depth + 1);
        }

        Assert.InRange(buffers.CapacityBytes, 1 << 20, 4 << 20);
    }

    private static byte[] Span(int count, Func<int, (string Key, string Value)> attribute)
    {
        var fields = new ArrayBufferWriter<byte>();
        for (var i = 0; i < count; i++)
        {
            var (key, value) = attribute(i);
            fields.Write(AdversarialRequests.Field(9, AdversarialRequests.Attribute(key, value)));
        }

        return AdversarialRequests.Envelopes(AdversarialRequests.Field(2, fields.WrittenSpan));
    }

    private static Google.Protobuf.Collections.RepeatedField<OpenTelemetry.Proto.Common.V1.KeyValue> Attributes(OtlpBatch batch)
    {
        ExportTraceServiceRequest request = OtlpPayloads.Traces(batch);
        return request.ResourceSpans[0].ScopeSpans[0].Spans[0].Attributes;
    }

    private sealed class Uppercase : ITextRewriter
    {
        public int Calls { get; private set; }

        public bool TryRewrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
        {
            Calls++;
            if (!text.SequenceEqual("secret"u8))
            {
                return false;
            }

            output.Write("SECRET"u8);
            return true;
        }

        public bool TryRewrite(long number, IBufferWriter<byte> output) => false;
    }

    private sealed class Masked : IAttributeRewriter
    {
        public AttributeAction Decide(ReadOnlySpan<byte> key, AnyValueView value, IBufferWriter<byte> output)
        {
            output.Write(AdversarialRequests.Field(1, "*"u8));
            return AttributeAction.Replace;
        }
    }
}
