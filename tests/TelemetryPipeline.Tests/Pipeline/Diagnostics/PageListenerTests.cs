using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Pipeline.Diagnostics;

public sealed class PageListenerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WhereTheAddressIsTaken_ListensAsSoonAsItIsFree()
    {
        var time = new FakeTimeProvider();
        var recovered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var statuses = new List<ComponentStatus>();
        var former = new PageServer(new ListenEndpoint("localhost", 0), Answer, NullLoggerFactory.Instance);
        await former.StartAsync(Cancellation);
        var address = former.Address!;
        var context = Context(time, status =>
        {
            statuses.Add(status);
            if (status == ComponentStatus.OK)
            {
                recovered.SetResult();
            }
        });
        var listener = new PageListener(
            new PageServer(new ListenEndpoint("localhost", address.Port), Answer, NullLoggerFactory.Instance), context);

        await listener.StartAsync(Cancellation);
        Assert.Equal([ComponentStatus.RecoverableError], statuses);
        Assert.Null(listener.Address);

        await former.StopAsync(Cancellation);
        time.Advance(TimeSpan.FromSeconds(1));
        await recovered.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal(address, listener.Address);
        await listener.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Stop_WithoutAStartOrTwice_IsSafe()
    {
        var listener = new PageListener(
            new PageServer(new ListenEndpoint("localhost", 0), Answer, NullLoggerFactory.Instance),
            Context(new FakeTimeProvider(), static _ => { }));

        await listener.StopAsync(Cancellation);
        await listener.StopAsync(Cancellation);
    }

    [Theory]
    [InlineData("\"a\"", true)]
    [InlineData("\"b\", W/\"a\"", true)]
    [InlineData("*", true)]
    [InlineData("\"b\"", false)]
    [InlineData("", false)]
    public void IsUnchangedFor_EntityTags_AreComparedWeakly(string ifNoneMatch, bool expected)
    {
        var answer = new PageAnswer { StatusCode = 200, EntityTag = "W/\"a\"" };
        var request = new PageRequest("/", new Dictionary<string, string>()) { IfNoneMatch = ifNoneMatch };

        Assert.Equal(expected, answer.IsUnchangedFor(request));
    }

    private static void Answer(PageRequest request, PageAnswer answer) => answer.Text(200, "ok");

    private static ComponentContext Context(TimeProvider time, Action<ComponentStatus> report) => new()
    {
        Id = new ComponentId("prometheus", ""),
        Signals = [Signal.Metrics],
        Loggers = NullLoggerFactory.Instance,
        Metrics = new MetricRegistry(),
        Time = time,
        Extensions = new NoExtensions(),
        ReportStatus = (status, _) => report(status),
    };

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
