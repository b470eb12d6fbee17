using System.Buffers;
using System.Linq;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Receiver.Http;

/// <summary>
/// Scenario: bodies of random bytes, and requests of all signals in which bytes were changed, removed or repeated, with
/// and without a declared length.
/// Guarantees: each is answered, with 200 or 400 and nothing else, and what is handed on the oracle can read.
/// </summary>
public sealed class HttpGarbageTests
{
    private const int Seed = 20240521;
    private const int Rounds = 150;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Paths = ["/v1/traces", "/v1/metrics", "/v1/logs"];

    [Theory]
    [InlineData("application/x-protobuf")]
    [InlineData("application/json")]
    public async Task Post_Garbage_IsAnsweredWith200Or400(string contentType)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var client = running.Http();
        client.Timeout = Patience;
        var random = new Random(Seed);
        var accepted = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var signal = (Signal)random.Next(3);
            var body = Damage(random, Valid(signal, random.Next(), contentType));
            using var response = await PostAsync(client, signal, body, contentType, isChunked: random.Next(2) == 0);
            Assert.True(
                response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest,
                $"{response.StatusCode}, seed {Seed}, round {i}: {Convert.ToHexString(body)}");
            accepted += response.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.InRange(accepted, 1, Rounds - 1);
        Assert.All(running.Sink.Batches, static batch => Assert.True(Oracle.Accepts(batch.Signal, batch.Bytes)));
        await running.UntilAsync(() => running.InFlightBytes == 0);
    }

    private static byte[] Valid(Signal signal, int seed, string contentType)
    {
        var request = OtlpGenerators.Request(signal, seed);
        if (contentType == "application/x-protobuf")
        {
            return request.ToByteArray();
        }

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            OtlpRequest.WriteJson(signal, request.ToByteArray(), writer);
        }

        return json.WrittenSpan.ToArray();
    }

    private static byte[] Damage(Random random, byte[] bytes)
    {
        var damaged = bytes.ToList();
        for (var edits = random.Next(4); edits > 0 && damaged.Count > 0; edits--)
        {
            var at = random.Next(damaged.Count);
            var length = Math.Min(random.Next(1, 20), damaged.Count - at);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.RemoveRange(at, length);
                    break;
                case 2:
                    damaged.InsertRange(at, damaged.GetRange(at, length));
                    break;
                default:
                    var noise = new byte[length];
                    random.NextBytes(noise);
                    damaged.InsertRange(at, noise);
                    break;
            }
        }

        return [.. damaged];
    }

    private static async Task<HttpResponseMessage> PostAsync(
        HttpClient client, Signal signal, byte[] body, string contentType, bool isChunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Paths[(int)signal]) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Headers.TransferEncodingChunked = isChunked;
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
