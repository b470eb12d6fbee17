using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Net.Client;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Receiver;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Receiver;

public class OtlpReceiverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_PortInUse_SaysWhere()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var error = await Assert.ThrowsAsync<ComponentStartException>(() => Create($"http: {{endpoint: \"{taken.LocalEndpoint}\"}}").StartAsync(Token));
        Assert.Equal($"cannot listen on {taken.LocalEndpoint}: address already in use", error.Message);
    }

    [Fact]
    public async Task Stop_WithoutStartAndTwice_DoesNothing()
    {
        var receiver = Create("grpc: {endpoint: \"127.0.0.1:0\"}");
        await receiver.StopAsync(Token);
        await receiver.StartAsync(Token);
        await receiver.StopAsync(Token);
        await receiver.StopAsync(Token);
    }

    [Fact]
    public async Task Stop_RequestInFlight_IsAnsweredFirst()
    {
        var running = await RunningReceiver.StartAsync();
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        running.Sink.Answer = async (_, _) =>
        {
            inside.SetResult();
            await release.Task;
            return ConsumeResult.Accepted;
        };
        using var http = new HttpClient { BaseAddress = new Uri($"http://{running.Receiver.HttpEndPoint}") };
        using var content = new ByteArrayContent(new TransferTraces().FromOneService(1).ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        var answer = http.PostAsync("/v1/traces", content, Token);
        await inside.Task;
        var stopping = running.Receiver.StopAsync(Token);
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        using var response = await answer;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await stopping;
        await running.DisposeAsync();
    }

    [Fact]
    public async Task Start_UnixSockets_ServesBothProtocolsAndRemovesTheFiles()
    {
        var folder = Directory.CreateTempSubdirectory("sockets-");
        try
        {
            var grpc = Path.Combine(folder.FullName, "grpc.sock");
            var http = Path.Combine(folder.FullName, "http.sock");
            var sink = new ReceivingSink();
            var receiver = Create(
                $"grpc: {{transport: unix, endpoint: \"{grpc}\"}}, http: {{transport: unix, endpoint: \"{http}\"}}", sink);
            await receiver.StartAsync(Token);
            var request = new TransferTraces().FromOneService(1);
            using (var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = Through(grpc) }))
            {
                await new TraceService.TraceServiceClient(channel).ExportAsync(request, cancellationToken: Token);
            }

            using (var client = new HttpClient(Through(http)))
            {
                using var content = new ByteArrayContent(request.ToByteArray());
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
                using var response = await client.PostAsync("http://localhost/v1/traces", content, Token);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }

            Assert.Equal(2, sink.Batches.Count);
            Assert.All(sink.Batches, batch => Assert.Equal(request.ToByteArray(), batch.Bytes));
            await receiver.StopAsync(Token);
            Assert.Empty(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Start_SocketFileOfAKilledProcess_IsReplaced()
    {
        var folder = Directory.CreateTempSubdirectory("sockets-");
        try
        {
            var path = Path.Combine(folder.FullName, "http.sock");
            LeaveSocketFile(path);
            var receiver = Create($"http: {{transport: unix, endpoint: \"{path}\"}}", new ReceivingSink());
            await receiver.StartAsync(Token);
            using (var client = new HttpClient(Through(path)))
            {
                using var answer = await client.GetAsync(new Uri("http://localhost/v1/traces"), Token);
                Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
            }

            // A second collector must not take the socket from the first.
            var error = await Assert.ThrowsAsync<ComponentStartException>(
                () => Create($"http: {{transport: unix, endpoint: \"{path}\"}}").StartAsync(Token));
            Assert.Equal($"cannot listen on {path}: address already in use", error.Message);
            await receiver.StopAsync(Token);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("ledger")]
    public async Task Start_SocketPathIsAFile_RefusesAndKeepsIt(string content)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, content, Token);
            var error = await Assert.ThrowsAsync<ComponentStartException>(
                () => Create($"http: {{transport: unix, endpoint: \"{path}\"}}").StartAsync(Token));
            Assert.Equal($"cannot listen on {path}: the file exists and is not a socket", error.Message);
            Assert.Equal(content, await File.ReadAllTextAsync(path, Token));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Start_BothHttpVersionsWithoutTls_LogsNoWarning()
    {
        using var logs = new RecordedLogs();
        var (config, _) = ReceiverYaml.Read("protocols: {grpc: {endpoint: \"127.0.0.1:0\"}, http: {endpoint: \"127.0.0.1:0\"}}");
        var outlets = new[] { new Outlet(), new Outlet(), new Outlet() };
        var receiver = new OtlpReceiverFactory().Create(RunningReceiver.Context(loggers: logs), config, outlets);
        await receiver.StartAsync(Token);
        await receiver.StopAsync(Token);
        Assert.Empty(logs.Warnings);
    }

    // As a process that is killed leaves it: bound, and never removed.
    private static void LeaveSocketFile(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var moved = path + ".bound";
        socket.Bind(new UnixDomainSocketEndPoint(moved));
        socket.Listen();

        // .NET removes the file that it bound when the socket closes; under another name it stays.
        File.Move(moved, path);
    }

    private static SocketsHttpHandler Through(string socketPath) => new()
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private static OtlpReceiver Create(string protocols, IConsumer? sink = null)
    {
        var (config, errors) = ReceiverYaml.Read($"protocols: {{{protocols}}}");
        Assert.Empty(errors);
        var outlets = new[] { new Outlet(), new Outlet(), new Outlet() };
        foreach (var outlet in outlets)
        {
            _ = outlet.ConnectAsync(sink);
        }

        return (OtlpReceiver)new OtlpReceiverFactory().Create(RunningReceiver.Context(), config, outlets);
    }
}
