using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace SlowClients;

/// <summary>
/// Sends export requests at a fixed rate, whether or not answers come (open loop). One request in ten has a connection of
/// its own, as the first of a new service instance has.
/// </summary>
internal sealed class HonestClient(bool isGrpc, int port, byte[] request, int requestsPerS)
{
    /// <summary>The gRPC method.</summary>
    public const string GrpcPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private const int NewConnectionEvery = 10;

    private readonly HttpClient _shared = NewClient();
    private readonly byte[] _body = isGrpc ? Framed(request) : request;
    private readonly List<double> _latenciesMs = [];
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, int> _failures = new(StringComparer.Ordinal);

    /// <summary>Requests whose time has come.</summary>
    public int SentCount { get; private set; }

    /// <summary>Milliseconds from when a request was due to its answer, of accepted ones.</summary>
    public IReadOnlyList<double> LatenciesMs => _latenciesMs;

    /// <summary>What became of the others.</summary>
    public IReadOnlyDictionary<string, int> Failures => _failures;

    /// <summary>Sends until the end, and waits for the last answers.</summary>
    /// <param name="phase">The part of an interval by which the first request is late, so that two clients take turns.</param>
    /// <param name="end">No more requests.</param>
    public async Task RunAsync(double phase, CancellationToken end)
    {
        var interval = Stopwatch.Frequency / (double)requestsPerS;
        var begin = Stopwatch.GetTimestamp() + (long)(interval * phase);
        var pending = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                for (var due = Due(); due <= Stopwatch.GetTimestamp(); due = Due())
                {
                    pending.Add(SendAsync(due, SentCount++ % NewConnectionEvery == 0));
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            await Task.WhenAll(pending);
        }

        long Due() => begin + (long)(SentCount * interval);
    }

    private static HttpClient NewClient() =>
        new(new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true }) { Timeout = TimeSpan.FromSeconds(5) };

    private static byte[] Framed(byte[] message)
    {
        byte[] framed = [0, 0, 0, 0, 0, .. message];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        return framed;
    }

    private async Task SendAsync(long due, bool isNew)
    {
        var client = isNew ? NewClient() : _shared;
        string? failure;
        try
        {
            using var message = Message();
            using var answer = await client.SendAsync(message);
            failure = isGrpc && answer.IsSuccessStatusCode
                ? answer.TrailingHeaders.TryGetValues("grpc-status", out var status) ? Failure(string.Concat(status)) : "no grpc-status"
                : answer.StatusCode == HttpStatusCode.OK ? null : $"{(int)answer.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or SocketException)
        {
            failure = e is HttpRequestException refused ? refused.HttpRequestError.ToString() : e.GetType().Name;
        }

        var latencyMs = Stopwatch.GetElapsedTime(due).TotalMilliseconds;
        lock (_lock)
        {
            if (failure is null)
            {
                _latenciesMs.Add(latencyMs);
            }
            else
            {
                _failures[failure] = _failures.GetValueOrDefault(failure) + 1;
            }
        }

        if (isNew)
        {
            client.Dispose();
        }
    }

    private static string? Failure(string grpcStatus) => grpcStatus == "0" ? null : $"grpc {grpcStatus}";

    private HttpRequestMessage Message()
    {
        var message = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}{(isGrpc ? GrpcPath : "/v1/traces")}")
        {
            Content = new ByteArrayContent(_body),
            Version = isGrpc ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(isGrpc ? "application/grpc" : "application/x-protobuf");
        if (isGrpc)
        {
            message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        }

        return message;
    }
}
