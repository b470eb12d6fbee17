using System.Linq;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.Elasticsearch.Bulk;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Bulk;

public sealed class NodeRingTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Pick_AllWell_TakesTurns()
    {
        var ring = Ring(3);
        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(_ => ring.Pick()));
    }

    [Fact]
    public void Pick_AfterFailures_LeavesTheNodeAloneLongerEachTime()
    {
        var ring = Ring(2);
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            ring.Failed(0);
            var waited = 0.0;
            while (ring.DownCount > 0)
            {
                Assert.Equal(1, ring.Pick());
                _time.Advance(TimeSpan.FromSeconds(0.5));
                waited += 0.5;
            }

            waits.Add(waited);
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], waits);
    }

    [Fact]
    public void Pick_AllFailed_TakesTheOneThatHasWaitedLongest()
    {
        var ring = Ring(3);
        ring.Failed(2);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        ring.Failed(0);
        ring.Failed(1);
        Assert.Equal(2, ring.Pick());
        Assert.Equal(3, ring.DownCount);
    }

    [Fact]
    public void Succeeded_AfterFailures_ForgetsThem()
    {
        var ring = Ring(2);
        ring.Failed(0);
        ring.Failed(0);
        ring.Succeeded(0);
        Assert.Equal(0, ring.DownCount);
        Assert.Equal([0, 1, 0], Enumerable.Range(0, 3).Select(_ => ring.Pick()));
    }

    private NodeRing Ring(int count) =>
        new([.. Enumerable.Range(1, count).Select(static i => new Uri($"http://node{i}:9200"))], _time);
}
