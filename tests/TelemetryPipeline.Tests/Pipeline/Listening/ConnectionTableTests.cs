using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Pipeline.Listening;

namespace TelemetryPipeline.Tests.Pipeline.Listening;

public sealed class ConnectionTableTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Add_AtTheLimit_ReplacesTheLongestIdle()
    {
        var table = new ConnectionTable(3, _time);
        var (first, second, third) = (Add(table), Add(table), Add(table));
        first.Entry.BeginRequest();
        first.Entry.EndRequest();
        third.Entry.BeginRequest();

        var newest = Add(table);

        Assert.True(second.IsAborted());
        Assert.False(first.IsAborted() || third.IsAborted() || newest.IsAborted());
        Assert.Equal((3, 1L, 0L), (table.Count, table.ReplacedCount, table.RefusedCount));
    }

    [Fact]
    public async Task Connect_AllBusy_IsRefused()
    {
        var table = new ConnectionTable(2, _time);
        Add(table).Entry.BeginRequest();
        Add(table).Entry.BeginRequest();
        var refused = new DefaultConnectionContext("refused");

        await table.OnConnectionAsync(refused, static _ => throw new InvalidOperationException("must not be served"));

        Assert.Equal((2, 0L, 1L), (table.Count, table.ReplacedCount, table.RefusedCount));
    }

    [Fact]
    public void Add_NoneIdle_ReplacesTheOneThatWaitedForItsClientForLongest()
    {
        var table = new ConnectionTable(4, _time);
        var (worked, mixed, first, second) = (Add(table), Add(table), Add(table), Add(table));
        worked.Entry.BeginRequest();
        mixed.Entry.BeginRequest();
        foreach (var waiting in (ListenerConnection[])[mixed.Entry, first.Entry, second.Entry])
        {
            waiting.BeginRequest();
            waiting.BeginWait();
        }

        _time.Advance(ConnectionTable.WaitMin - TimeSpan.FromTicks(1));
        Assert.False(table.TryAdd(new ListenerConnection(new DefaultConnectionContext("early"), _time)));
        _time.Advance(TimeSpan.FromTicks(1));
        var newest = Add(table);

        Assert.True(first.IsAborted());
        Assert.False(worked.IsAborted() || mixed.IsAborted() || second.IsAborted() || newest.IsAborted());

        second.Entry.EndWait();
        newest.Entry.BeginRequest();
        Assert.False(table.TryAdd(new ListenerConnection(new DefaultConnectionContext("late"), _time)));
    }

    /// <summary>Clients that send a request every now and then keep their connections while slow ones hold the others.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Add_IdleForLessThanABodyHasWaited_ReplacesTheBodyUnlessIdleIsPreferred(bool prefersIdle)
    {
        var table = new ConnectionTable(2, _time, prefersIdle);
        var (slow, idle) = (Add(table), Add(table));
        slow.Entry.BeginRequest();
        slow.Entry.BeginWait();
        _time.Advance(ConnectionTable.WaitMin);
        idle.Entry.BeginRequest();
        idle.Entry.EndRequest();

        Add(table);

        Assert.Equal((!prefersIdle, prefersIdle), (slow.IsAborted(), idle.IsAborted()));
    }

    /// <summary>Scenario: ten times as many clients connect as there are places, and none of them ever asks anything.</summary>
    [Fact]
    public async Task Connect_ManyIdle_StaysAtTheLimitAndServesTheNewest()
    {
        var table = new ConnectionTable(10, _time);
        var open = new TaskCompletionSource();
        var served = 0;
        var running = new List<Task>();
        for (var i = 0; i < 100; i++)
        {
            var connection = new DefaultConnectionContext($"{i}");
            running.Add(table.OnConnectionAsync(connection, c =>
            {
                served++;
                Assert.NotNull(c.Features.Get<ListenerConnection>());
                return open.Task;
            }));
            Assert.InRange(table.Count, 1, 10);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal((100, 10, 90L), (served, table.Count, table.ReplacedCount));
        open.SetResult();
        await Task.WhenAll(running);
        Assert.Equal(0, table.Count);
    }

    [Theory]
    [InlineData("Max open files            1024                 4096                 files", 256)]
    [InlineData("Max cpu time unlimited unlimited seconds\nMax open files            1048576              1048576              files", 10_000)]
    [InlineData("Max open files            unlimited            unlimited            files", 10_000)]
    [InlineData("Max open files            3                    3                    files", 1)]
    [InlineData("", 10_000)]
    public void ForListener_DescriptorLimit_LeavesThreeQuarters(string limits, int expected) =>
        Assert.Equal(expected, DescriptorLimit.ForListener(10_000, limits));

    private (ListenerConnection Entry, Func<bool> IsAborted) Add(ConnectionTable table)
    {
        var connection = new AbortableConnection();
        var entry = new ListenerConnection(connection, _time);
        Assert.True(table.TryAdd(entry));
        _time.Advance(TimeSpan.FromTicks(1));
        return (entry, () => connection.IsAborted);
    }

    private sealed class AbortableConnection : DefaultConnectionContext
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }
}
