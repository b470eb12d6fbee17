using System.Linq;
using System.Text;
using CsCheck;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

/// <summary>Changes by slot, which go short ways, against the same changes by key.</summary>
public sealed class OtlpViewSlotTests
{
    // Keys that requests have, keys that none has, and one too long for the form in which keys are prepared.
    private static readonly string[] Keys = ["k1", "k2", "k3", "k5", "new", "a.key.of.twenty.nine.letters.", "a.key.that.is.longer.than.thirty.two.letters"];

    private static readonly int[] Lengths = [0, 1, 5, 20, 76, 77, 78, 79, 80, 81, 125, 126, 127, 128, 300];

    [Fact]
    public void Changes_BySlot_LeaveWhatTheSameChangesByKeyLeave() => Gen.Select(OtlpGenerators.AnyRequest, Gen.Int).Sample(
        static (generated, seed) =>
        {
            var random = new Random(seed);
            var slots = new AttributeSlots();
            foreach (var key in Keys)
            {
                slots.Register(key);
            }

            using var bySlot = OtlpPayloads.Batch(generated.Request);
            if (bySlot.ByteCount == 0)
            {
                return;
            }

            using var byKey = bySlot.Fork();
            for (var round = 0; round < 2; round++)
            {
                var one = bySlot.View(0);
                var other = byKey.View(0);
                for (var changes = random.Next(60); changes > 0; changes--)
                {
                    Change(one, other, slots, random);
                }

                Assert.Equal(byKey.ByteCount, bySlot.ByteCount);
                Assert.True(byKey.Chunks[0].Bytes.SequenceEqual(bySlot.Chunks[0].Bytes));
                HoldToFoundAnew(bySlot, slots);
                HoldToFoundAnew(byKey, slots);
            }
        },
        iter: 1000);

    // What was carried over from the chunk before the changes is what a look at the new bytes finds.
    private static void HoldToFoundAnew(OtlpBatch batch, AttributeSlots slots)
    {
        var chunk = batch.Chunks[0];
        using var anew = new OtlpBatch(OtlpChunk.FromArray(chunk.Signal, chunk.Bytes.ToArray(), chunk.ItemCount));
        var one = batch.View(0);
        var other = anew.View(0);
        Assert.True(one.ItemNodes.SequenceEqual(other.ItemNodes));
        Assert.Equal(other.Nodes.Length, one.Nodes.Length);
        for (var i = 0; i < one.Nodes.Length; i++)
        {
            Assert.Equal(Facts(other.Nodes[i]), Facts(one.Nodes[i]));
            for (var slot = 0; slot < Keys.Length; slot++)
            {
                Assert.Equal(other.TryGetAttribute(slots, i, slot, out var expected), one.TryGetAttribute(slots, i, slot, out var actual));
                Assert.True(expected.Encoded.SequenceEqual(actual.Encoded));
            }
        }

        Assert.True(one.Spans.SequenceEqual(other.Spans));
    }

    private static object Facts(OtlpNode node) =>
        (node.Kind, node.Message, node.Parent, node.Next, node.FirstItem, node.Content, node.HeaderOffset, node.BodyOffset, node.Length);

    // Attributes in the same order, in another one, repeated, more than any list of them has room for, with empty keys.
    [Fact]
    public void Row_OfItemsWithAnyKeysInAnyOrder_HasTheFirstOfEachKey() => Gen.Select(
        Gen.Int[0, 12].Array[0, 30], Gen.Int[1, 5], Gen.Bool, Gen.Int[0, 12].Array[0, 90]).Array[1, 8].Sample(
        static shapes =>
        {
            var slots = new AttributeSlots();
            var keys = Enumerable.Range(0, 12).Select(static i => i == 0 ? "" : new string((char)('a' + i), i * 4)).ToArray();
            foreach (var key in keys.Where(static (_, i) => i % 3 != 1))
            {
                slots.Register(key);
            }

            var scope = new ScopeSpans();
            foreach (var (order, times, isLong, more) in shapes)
            {
                for (var i = 0; i < times; i++)
                {
                    var span = new SpanBuilder("x");
                    foreach (var (key, at) in (isLong ? Enumerable.Repeat(order, 10).SelectMany(static o => o).Concat(more) : order).Select(static (k, at) => (k, at)))
                    {
                        span.With(key == 12 ? "unregistered" : keys[key], (long)at);
                    }

                    scope.Spans.Add(span.Build());
                }
            }

            using var batch = OtlpPayloads.Batch(new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { scope } } } });
            var view = batch.View(0);
            for (var i = 0; i < scope.Spans.Count; i++)
            {
                var row = view.Row(slots, view.ItemNodes[i]);
                foreach (var key in keys.Where(static (_, k) => k % 3 != 1))
                {
                    var expected = scope.Spans[i].Attributes.FirstOrDefault(a => a.Key == key)?.Value.IntValue;
                    Assert.Equal(expected, row.TryGet(slots.Register(key), out var value) ? value.Int : null);
                }
            }
        },
        iter: 300);

    // Scenario: two branches of a pipeline read a batch, and then one of them changes it.
    [Fact]
    public void Change_WhileAnotherForkReads_IsSeenByItsOwnerOnly()
    {
        var slots = new AttributeSlots();
        var order = slots.Register("biz.order_no");
        using var batch = OtlpPayloads.Batch(new TransferTraces().FromOneService(3));
        using var fork = batch.Fork();
        var reader = fork.View(0);
        var changer = batch.View(0);
        var node = reader.ItemNodes[1];
        var row = reader.Row(slots, node);
        Assert.True(row.TryGetShortText(order, out var before));
        Assert.True(changer.Row(slots, node).Has(order));

        changer.Row(slots, node).SetText(order, "changed"u8);
        changer.Row(slots, reader.ItemNodes[2]).Remove(order);

        Assert.True(changer.Row(slots, node).TryGetShortText(order, out var after));
        Assert.True(after.SequenceEqual("changed"u8));
        Assert.True(row.TryGetShortText(order, out var still));
        Assert.True(still.SequenceEqual(before));
        Assert.True(reader.Has(slots, reader.ItemNodes[2], order));
        Assert.False(changer.Has(slots, reader.ItemNodes[2], order));
    }

    // Scenario: the last reader is gone, and keys were registered since.
    [Fact]
    public void Row_AfterKeysWereRegistered_KnowsThem()
    {
        var slots = new AttributeSlots();
        slots.Register("biz.order_no");
        using var batch = OtlpPayloads.Batch(new TransferTraces().FromOneService(2));
        using var fork = batch.Fork();
        Assert.True(batch.View(0).Has(slots, batch.View(0).ItemNodes[0], 0));
        var currency = slots.Register("currency");

        Assert.True(fork.View(0).Has(slots, fork.View(0).ItemNodes[0], currency));
        Assert.True(batch.View(0).Has(slots, batch.View(0).ItemNodes[0], currency));
    }

    private static void Change(OtlpView one, OtlpView other, AttributeSlots slots, Random random)
    {
        // Several changes to few nodes rather than one to each.
        var node = random.Next(Math.Min(one.Nodes.Length, 6));
        if (!one.HasAttributes(node))
        {
            return;
        }

        var slot = random.Next(Keys.Length);
        var key = Encoding.UTF8.GetBytes(Keys[slot]);
        var there = other.TryGetAttribute(node, key, out _);
        Assert.Equal(there, one.Has(slots, node, slot));
        Assert.Equal(there, other.Has(slots, node, slot));
        Assert.Equal(there, one.Present(slots, node).Contains(slot));
        switch (random.Next(5))
        {
            case 0:
                Assert.Equal(other.RemoveAttribute(node, key), one.RemoveAttribute(slots, node, slot));
                break;
            case 1:
                var number = random.NextInt64() >> random.Next(64);
                one.SetInt(slots, node, slot, number);
                other.SetInt(node, key, number);
                break;
            case 2:
                var text = Encoding.UTF8.GetBytes(new string('v', Lengths[random.Next(Lengths.Length)]));
                one.SetText(slots, node, slot, text);
                other.SetText(node, key, text);
                break;
            default:
                Copy(one, other, slots, node, slot, random.Next(Keys.Length));
                break;
        }
    }

    private static void Copy(OtlpView one, OtlpView other, AttributeSlots slots, int node, int source, int target)
    {
        var found = other.TryGetAttribute(node, Encoding.UTF8.GetBytes(Keys[source]), out var value);
        var key = Encoding.UTF8.GetBytes(Keys[target]);
        if (one.Row(slots, node).CopyTexts([new SlotCopy(source, target)]) == 0)
        {
            // Of a list, as headers are recorded, the first element.
            Assert.True(found);
            foreach (var element in value.Elements)
            {
                value = element;
                break;
            }

            Assert.True(value.Kind == AnyValueKind.Text && value.Text.Length is > 0 and < 128);
            Assert.False(other.TryGetAttribute(node, key, out _));
            other.SetValue(node, key, value);
        }
        else if (found)
        {
            Assert.True(one.TryGetAttribute(slots, node, source, out var same));
            one.SetValue(slots, node, target, same);
            other.SetValue(node, key, value);
        }
    }
}
