using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Receiver.Http;

/// <summary>
/// Scenario: a body ends before it is complete, in each way that HTTP/1.1 has.
/// Guarantees: never a success, nothing is forwarded, the reason is counted, and no bytes stay reserved.
/// </summary>
public sealed class IncompleteBodyTests
{
    private const string Head = "POST /v1/traces HTTP/1.1\r\nHost: bank\r\nContent-Type: application/x-protobuf\r\n";
    private static readonly byte[] Spans = new TransferTraces().FromOneService(2).ToByteArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("xyz\r\n")]
    [InlineData("3\r\nabcdef\r\n0\r\n\r\n")]
    [InlineData("-1\r\nabc\r\n0\r\n\r\n")]
    public async Task Post_BadChunk_Answers400AndCloses(string chunks)
    {
        await using var running = await RunningReceiver.StartAsync();
        var answer = await AnswerAsync(running, Head + "Transfer-Encoding: chunked\r\n\r\n" + chunks, stopsSending: false);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        await AssertNothingAcceptedAsync(running, "incomplete");
    }

    [Theory]
    [InlineData("Content-Length: 400\r\n\r\nhalf a body")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n100\r\nhalf a chunk")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    public async Task Post_BodyStalls_ClosesTheConnectionWithoutAnAnswer(string request)
    {
        await using var running = await RunningReceiver.StartAsync(http: "read_timeout: 100ms");
        Assert.Equal("", await AnswerAsync(running, Head + request, stopsSending: false));
        await AssertNothingAcceptedAsync(running, "timed_out");
    }

    /// <summary>A request cut after each of its bytes; only the whole one succeeds.</summary>
    [Fact]
    public async Task Post_CutAnywhere_SucceedsOnlyWhole()
    {
        await using var running = await RunningReceiver.StartAsync();
        var head = Encoding.ASCII.GetBytes($"{Head}Connection: close\r\nContent-Length: {Spans.Length}\r\n\r\n");
        byte[] whole = [.. head, .. Spans];
        for (var length = head.Length - 1; length < whole.Length; length += 97)
        {
            var answer = await AnswerAsync(running, whole[..length], stopsSending: true);
            Assert.False(answer.StartsWith("HTTP/1.1 2", StringComparison.Ordinal), $"cut after {length} bytes: {answer}");
        }

        Assert.Empty(running.Sink.Batches);
        Assert.StartsWith("HTTP/1.1 200 ", await AnswerAsync(running, whole, stopsSending: false), StringComparison.Ordinal);
        Assert.Single(running.Sink.Batches);
    }

    private static Task<string> AnswerAsync(RunningReceiver running, string request, bool stopsSending) =>
        AnswerAsync(running, Encoding.ASCII.GetBytes(request), stopsSending);

    /// <summary>Everything the server sends until it closes the connection.</summary>
    private static async Task<string> AnswerAsync(RunningReceiver running, byte[] request, bool stopsSending)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(running.Receiver.HttpEndPoint!, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(request, Token);
        if (stopsSending)
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }

        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, Token) is > 0 and var count)
            {
                answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // The server cut the connection.
        }

        return answer.ToString();
    }

    private static async Task AssertNothingAcceptedAsync(RunningReceiver running, string reason)
    {
        await running.UntilAsync(() => running.Count(
            "otelcol_receiver_refusals", $"receiver=\"otlp\",transport=\"http\",signal=\"traces\",reason=\"{reason}\"") == 1);
        await running.UntilAsync(() => running.InFlightBytes == 0);
        Assert.Empty(running.Sink.Batches);
        Assert.Equal(0, running.Count("otelcol_receiver_requests", "receiver=\"otlp\",transport=\"http\",outcome=\"success\""));
    }
}
