using System.Linq;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Receiver;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>An <c>otlp</c> receiver on free ports, with a sink behind it and clients in front of it.</summary>
internal sealed class RunningReceiver : IAsyncDisposable
{
    private readonly List<IDisposable> _clients = [];

    private RunningReceiver(OtlpReceiver receiver, ComponentContext context, ReceivingSink sink)
    {
        Receiver = receiver;
        Metrics = context.Metrics;
        Sink = sink;
    }

    public OtlpReceiver Receiver { get; }

    public MetricRegistry Metrics { get; }

    public ReceivingSink Sink { get; }

    public static async Task<RunningReceiver> StartAsync(
        string grpc = "", string http = "", string more = "", TimeProvider? time = null, Signal[]? signals = null)
    {
        var yaml = $$"""
            protocols:
              grpc: {endpoint: "127.0.0.1:0"{{(grpc.Length == 0 ? "" : ", " + grpc)}}}
              http: {endpoint: "127.0.0.1:0"{{(http.Length == 0 ? "" : ", " + http)}}}
            {{more}}
            """;
        var (config, errors) = ReceiverYaml.Read(yaml);
        Assert.Empty(errors);
        var sink = new ReceivingSink();
        var outlets = new Outlet[SignalNames.Count];
        foreach (var signal in Enum.GetValues<Signal>())
        {
            outlets[(int)signal] = new Outlet();
            if (signals is null || Array.IndexOf(signals, signal) >= 0)
            {
                await outlets[(int)signal].ConnectAsync(sink);
            }
        }

        var context = Context(time);
        var receiver = (OtlpReceiver)new OtlpReceiverFactory().Create(context, config, outlets);
        await receiver.StartAsync(TestContext.Current.CancellationToken);
        return new RunningReceiver(receiver, context, sink);
    }

    public static ComponentContext Context(TimeProvider? time = null, ILoggerFactory? loggers = null) => new()
    {
        Id = new ComponentId("otlp", ""),
        Signals = [Signal.Traces, Signal.Metrics, Signal.Logs],
        Loggers = loggers ?? NullLoggerFactory.Instance,
        Metrics = new MetricRegistry(),
        Extensions = new NoExtensions(),
        ReportStatus = static (_, _) => { },
        Time = time ?? TimeProvider.System,
    };

    public GrpcChannel Channel()
    {
        var channel = GrpcChannel.ForAddress($"http://{Receiver.GrpcEndPoint}");
        _clients.Add(channel);
        return channel;
    }

    /// <summary>A client whose redirects, decompression and versions are the caller's business.</summary>
    public HttpClient Http(bool http2 = false, SocketsHttpHandler? handler = null, string scheme = "http")
    {
        var client = new HttpClient(handler ?? new SocketsHttpHandler())
        {
            BaseAddress = new Uri($"{scheme}://{Receiver.HttpEndPoint}"),
            DefaultRequestVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        _clients.Add(client);
        return client;
    }

    /// <summary>Calls the gRPC port without a gRPC library.</summary>
    public async Task<HttpResponseMessage> CallAsync(
        string method, byte[] body, string contentType = "application/grpc", params (string Name, string Value)[] headers)
    {
        var client = new HttpClient(new SocketsHttpHandler());
        _clients.Add(client);
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://{Receiver.GrpcEndPoint}{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return response;
    }

    /// <summary>The value of a counter; 0 when it does not exist.</summary>
    public long Count(string metric, string labels)
    {
        foreach (var family in Metrics.Families)
        {
            foreach (var (text, value) in family.Series)
            {
                if (family.Name == metric && text == labels && value is Counter counter)
                {
                    return counter.Value;
                }
            }
        }

        return 0;
    }

    /// <summary>Bytes of bodies that the receiver holds now, over both transports.</summary>
    public long InFlightBytes => Sum("otelcol_receiver_in_flight_bytes");

    /// <summary>Connections that are open now, over both transports.</summary>
    public long Connections => Sum("otelcol_receiver_connections");

    private long Sum(string gauge) =>
        Metrics.Families.Single(family => family.Name == gauge).Series.Sum(static series => (long)((Gauge)series.Value).Read());

    /// <summary>Waits for something that the receiver does in its own time.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 60_000, "the condition never became true");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await Receiver.StopAsync(limit.Token);
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
