using System.Buffers;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Tests.Receiver.Intake;

public class BodyBufferTests
{
    private readonly ByteBudget _budget = new(100_000);

    [Fact]
    public void Append_WithinLimit_KeepsTheBytesAndReturnsTheBudget()
    {
        var body = new BodyBuffer(_budget);
        body.Begin(50_000);
        Assert.Equal(BodyProblem.None, body.TryAppend(new ReadOnlySequence<byte>([1, 2, 3])));
        Assert.Equal(BodyProblem.None, body.TryAppend(new ReadOnlySequence<byte>(new byte[20_000])));
        Assert.Equal(20_003, body.Length);
        Assert.Equal([1, 2, 3], body.Written[..3].ToArray());
        Assert.True(_budget.TakenBytes >= 20_003);
        body.Release();
        Assert.Equal(0, _budget.TakenBytes);
    }

    [Fact]
    public void Append_AboveLimitOrBudget_SaysWhich()
    {
        var body = new BodyBuffer(_budget);
        body.Begin(10);
        Assert.Equal(BodyProblem.TooLarge, body.TryAppend(new ReadOnlySequence<byte>(new byte[11])));
        body.Begin(200_000);
        Assert.Equal(BodyProblem.NoRoom, body.TryReserve(100_001));
        Assert.Equal(0, _budget.TakenBytes);
    }

    [Fact]
    public void GetSpan_AboveLimit_LeavesByException()
    {
        var body = new BodyBuffer(_budget);
        body.Begin(10);
        body.GetSpan(10);
        body.Advance(10);
        Assert.Throws<BodyLimitException>(() => { body.GetSpan(1); });
        Assert.Equal(BodyProblem.TooLarge, body.Problem);
        body.Release();
    }

    [Fact]
    public void Detach_ThenRelease_LeavesTheChunkAlone()
    {
        var body = new BodyBuffer(_budget);
        body.Begin(10);
        body.TryAppend(new ReadOnlySequence<byte>([7, 8]));
        var chunk = body.Detach(Signal.Logs, 1);
        body.Release();
        Assert.Equal(0, _budget.TakenBytes);
        Assert.Equal([7, 8], chunk.Bytes.ToArray());
        chunk.Release();
    }
}
