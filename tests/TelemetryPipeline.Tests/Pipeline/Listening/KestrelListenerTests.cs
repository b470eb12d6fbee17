using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Listening;

namespace TelemetryPipeline.Tests.Pipeline.Listening;

public class KestrelListenerTests
{
    // Scenario: Kestrel registers a memory pool of its own, with blocks of 4 KiB.
    // Guarantees: requests are read into the large blocks all the same.
    [Fact]
    public async Task Serve_ARequest_ReadsItIntoTheLargeBlocks()
    {
        var context = new ComponentContext
        {
            Id = new ComponentId("otlp", ""),
            Signals = [],
            Loggers = NullLoggerFactory.Instance,
            Metrics = new MetricRegistry(),
            Extensions = new NoExtensions(),
            ReportStatus = static (_, _) => { },
        };
        Assert.True(ListenEndpoint.TryParse("127.0.0.1:0", out var endpoint, out _));
        var listener = new KestrelListener(new ListenerSettings { Endpoint = endpoint }, context);
        var cancellation = TestContext.Current.CancellationToken;
        await listener.StartAsync(new Answers204(), cancellation);
        using (var client = new HttpClient())
        {
            using var body = new ByteArrayContent(new byte[1 << 20]);
            var answer = await client.PostAsync(new Uri($"http://{listener.EndPoint}/"), body, cancellation);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        await listener.StopAsync(cancellation);
        Assert.True(BlockPool.Process.WasUsed, "Kestrel used another pool");
    }

    private sealed class Answers204 : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public async Task ProcessRequestAsync(IFeatureCollection context)
        {
            await context.GetRequiredFeature<IHttpRequestFeature>().Body.CopyToAsync(Stream.Null);
            context.GetRequiredFeature<IHttpResponseFeature>().StatusCode = 204;
        }

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
