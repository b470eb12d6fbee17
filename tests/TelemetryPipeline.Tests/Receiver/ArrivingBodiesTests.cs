using System.IO.Pipelines;
using System.Linq;
using TelemetryPipeline.Receiver.Intake;
using TelemetryPipeline.Tests.Exporters;

namespace TelemetryPipeline.Tests.Receiver;

public sealed class ArrivingBodiesTests
{
    // Scenario: clients open a request on every stream they may have, and send no data.
    // Guarantees: those beyond the limit are refused at once and for a retry; when one ends, another may wait.
    [Fact]
    public async Task ReadAsync_MoreWaitThanMay_RefusesTheNext()
    {
        var harness = new ExporterHarness();
        var bodies = new ArrivingBodies(new ByteBudget(1 << 20), TimeSpan.Zero, harness.Time, harness.Context("otlp").Background);
        var waiting = Enumerable.Range(0, ArrivingBodies.WaitingMax).Select(_ => Read(bodies)).ToArray();
        Assert.All(waiting, static one => Assert.False(one.Pending.IsCompleted));

        var refused = Read(bodies);

        Assert.True((await refused.Pending).IsCanceled);
        Assert.Equal(BodyProblem.NoRoom, refused.Body.Verdict);
        refused.Body.End();
        waiting[0].Body.End();
        Assert.False(Read(bodies).Pending.IsCompleted);
    }

    private static (BodyArrival Body, Task<ReadResult> Pending) Read(ArrivingBodies bodies)
    {
        var body = new BodyArrival(bodies);
        body.Begin(connection: null);
        return (body, body.ReadAsync(new Pipe().Reader).AsTask());
    }
}
