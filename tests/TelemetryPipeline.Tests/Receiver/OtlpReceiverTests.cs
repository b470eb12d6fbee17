using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Protobuf;
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

    private static OtlpReceiver Create(string protocol)
    {
        var (config, errors) = ReceiverYaml.Read($"protocols: {{{protocol}}}");
        Assert.Empty(errors);
        return (OtlpReceiver)new OtlpReceiverFactory().Create(
            RunningReceiver.Context(), config, [new Outlet(), new Outlet(), new Outlet()]);
    }
}
