using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class WorkingMemoryTests
{
    // Above what the pool of the process keeps, so that what is taken is seen as allocated.
    private const int Count = 300_000;

    public static TheoryData<string> Shapes => [.. AdversarialRequests.Names];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void IndexBytes_AdversarialRequest_BoundsWhatItsIndexTakes(string name)
    {
        var (signal, bytes) = AdversarialRequests.Build(name, name == "nested lists" ? 10_000 : Count);
        using var batch = AdversarialRequests.Batch(signal, bytes);
        var limit = WorkingMemory.IndexBytes(signal, bytes, batch.ItemCount);
        var slots = new AttributeSlots();
        slots.Register("slot.a");

        var before = GC.GetAllocatedBytesForCurrentThread();
        var view = batch.View(0);
        view.Resolve(slots);
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        // Places of attributes are in proportion to the bytes; half of the estimate of spans is for the index after changes.
        Assert.InRange(taken, 0, (signal == Signal.Traces ? limit / 2 : limit) + (4L * bytes.Length) + (1 << 20));
    }

    [Theory]
    [InlineData("empty spans")]
    [InlineData("empty resources")]
    [InlineData("tiny resources with a span")]
    public void IndexBytes_MillionOfNothing_IsAboveTheLimit(string name)
    {
        var (signal, bytes) = AdversarialRequests.Build(name, 1_000_000);
        Assert.True(OtlpRequest.TryValidate(signal, bytes, out var items, out _));
        Assert.True(WorkingMemory.IndexBytes(signal, bytes, items) > WorkingMemory.IndexLimit(bytes.Length));
    }

    [Fact]
    public void IndexBytes_LargeBatchOfSmallestOrdinarySpans_IsWithinTheLimit()
    {
        // Ids, a short name, a kind, both times and flags: what no library goes below.
        byte[] span =
        [
            .. AdversarialRequests.Field(1, new byte[16]), .. AdversarialRequests.Field(2, new byte[8]), .. AdversarialRequests.Field(5, "GET /accounts"u8),
            0x30, 2, 0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x41, 1, 2, 3, 4, 5, 6, 7, 8, 0x85, 1, 1, 1, 0, 0,
        ];
        var bytes = AdversarialRequests.Envelopes(AdversarialRequests.Repeat(AdversarialRequests.Field(2, span), 70_000));
        Assert.True(OtlpRequest.TryValidate(Signal.Traces, bytes, out var items, out _));
        Assert.InRange(WorkingMemory.IndexBytes(Signal.Traces, bytes, items), 1, WorkingMemory.IndexLimit(bytes.Length));
    }

    [Fact]
    public void ChangesToManyNodes_BeyondTheRequestsLimit_EndAndGiveBack()
    {
        var (signal, bytes) = AdversarialRequests.Build("empty spans", 40_000);
        var text = new byte[2_000];
        using var batch = AdversarialRequests.Batch(signal, bytes);
        var view = batch.View(0);

        var failure = Assert.Throws<WorkingMemoryException>(() =>
        {
            foreach (ref readonly var span in view.Spans)
            {
                view.SetText(span.Node, "k"u8, text);
            }
        });

        Assert.False(failure.CanRetry);
        Assert.InRange(view.ChangesTakenBytes, 1, WorkingMemory.ChangesLimit(bytes.Length));
    }

    /// <summary>Six times the length, as short numbers become pseudonyms, took 34 times the length in all.</summary>
    [Theory]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public void ChangeToALongText_UpToFourTimesItsLength_IsWithinTheRequestsLimit(int growth, bool isWithin)
    {
        const int Length = 4_000_000;
        var bytes = AdversarialRequests.Envelopes(AdversarialRequests.Field(2, AdversarialRequests.Field(5, new byte[Length])));
        Assert.True(OtlpRequest.TryValidate(Signal.Traces, bytes, out _, out _));
        using var batch = AdversarialRequests.Batch(Signal.Traces, bytes);
        var view = batch.View(0);

        var failure = Record.Exception(() => view.SetText(view.Spans[0].Node, "k"u8, new byte[growth * Length]));

        Assert.Equal(isWithin, failure is null);
        Assert.Equal(!isWithin, failure is WorkingMemoryException { CanRetry: false });
    }

    [Fact]
    public void ChangesToManyNodes_InASmallWay_TakeWhatTheyChange()
    {
        // A hundred registered keys cost nothing where they are not set.
        var (signal, bytes) = AdversarialRequests.Build("empty spans", 50_000);
        using var batch = AdversarialRequests.Batch(signal, bytes);
        var slots = new AttributeSlots();
        for (var i = 0; i < 100; i++)
        {
            slots.Register($"registered.key.{i}");
        }

        var view = batch.View(0);
        view.Resolve(slots);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ref readonly var span in view.Spans)
        {
            view.SetText(slots, span.Node, 99, "OK"u8);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000 * 500L);
        Assert.True(view.TryGetAttribute(slots, view.Spans[49_999].Node, 99, out var value));
        Assert.Equal("OK"u8, value.Text);
    }

    [Fact]
    public void TryTake_LeastOfSeveralLimits_Counts()
    {
        var memory = new WorkingMemory();
        memory.AddLimit(100);
        memory.AddLimit(50);
        Assert.False(memory.TryTake(51));
        Assert.True(memory.TryTake(50));
        Assert.False(memory.TryTake(1));
        memory.RemoveLimit(50);
        Assert.True(memory.TryTake(50));
        memory.Return(100);
        memory.RemoveLimit(100);
        Assert.True(memory.TryTake(1L << 40));
        Assert.Equal(1L << 40, memory.TakenBytes);
    }
}
