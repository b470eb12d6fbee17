using System.Buffers.Binary;
using System.Linq;
using Microsoft.AspNetCore.Http;
using TelemetryPipeline.Fuzz.Mutation;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Receiver;
using TelemetryPipeline.Receiver.Grpc;
using TelemetryPipeline.Receiver.Http;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>
/// Whole requests over HTTP and gRPC without a connection: the status is one that the protocols name, what can be
/// tried again says so, and every request and item is counted once, whatever the pipelines do.
/// </summary>
/// <remarks>The first byte chooses path, content type and coding; the second what the pipelines do and how the body arrives.</remarks>
internal static class RequestTargets
{
    private const int PrefixBytes = 5;
    private const long BudgetBytes = 256 * 1024 * 1024;

    private static readonly string[] HttpPaths = ["/v1/traces", "/v1/metrics", "/v1/logs", "/v1/profiles"];
    private static readonly string[] Types = ["application/x-protobuf", "application/json; charset=utf-8", "text/plain", "application/x-protobuf"];
    private static readonly string[] Codings = ["", "", "identity", "gzip", "zstd", "snappy", "lz4", "deflate"];
    private static readonly string[] GrpcCodings = ["gzip", "zstd", "snappy", "br"];
    private static readonly string[] GrpcPaths =
    [
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        "/opentelemetry.proto.collector.trace.v1.TraceService/Import",
    ];

    public static IEnumerable<FuzzTarget> All =>
    [
        new FuzzTarget
        {
            Name = "http-request",
            Form = InputForm.OptionsAndProtobuf,
            Seeds = static () => RequestSeeds(json: true),
            Words = Seeds.AttributeWords,
            Run = new HttpRun().Run,
        },
        new FuzzTarget
        {
            Name = "grpc-request",
            Form = InputForm.OptionsAndProtobuf,
            Seeds = static () => RequestSeeds(json: false),
            Words = Seeds.AttributeWords,
            Run = new GrpcRun().Run,
        },
    ];

    private static IEnumerable<byte[]> RequestSeeds(bool json)
    {
        foreach (var signal in Enum.GetValues<Signal>())
        {
            foreach (var request in Seeds.Requests(signal).Take(4))
            {
                for (var second = 0; second < 256; second += 8 - (int)signal)
                {
                    yield return [(byte)((int)signal | ((second & 7) << 4)), (byte)second, .. request];
                }

                if (json)
                {
                    yield return [(byte)((int)signal | 4), 0x20, .. Seeds.Json(signal, request)];
                }
            }
        }
    }

    /// <summary>The options of an input.</summary>
    private readonly struct Choice(byte[] input)
    {
        private readonly byte _first = input.Length > 0 ? input[0] : (byte)0;
        private readonly byte _second = input.Length > 1 ? input[1] : (byte)0;

        public int Path => _first & 3;

        public int Type => (_first >> 2) & 3;

        public int Coding => (_first >> 4) & 7;

        public bool IsGet => _first >= 0xf0;

        public SinkFault Fault => (SinkFault)(_second & 7);

        public int Pieces => 1 + ((_second >> 3) & 3);

        /// <summary>Whether the rest is put into its coding first, or is taken for coded bytes.</summary>
        public bool IsCoded => (_second & 0x20) == 0;

        /// <summary>How the body ends.</summary>
        public int End => _second >> 6;

        public byte[] Body => input.Length > Mutator.OptionBytes ? input[Mutator.OptionBytes..] : [];
    }

    /// <summary>A receiver's counters before and after.</summary>
    private sealed class Books
    {
        private readonly ComponentContext _context = Settings.Context("otlp");

        public FaultySink Sink { get; } = new();

        public ByteBudget Budget { get; } = new(BudgetBytes);

        public OtlpReceiverConfig Config { get; } = Settings.Read<OtlpReceiverConfig>(
            new OtlpReceiverFactory(), "protocols: {grpc: {endpoint: \"127.0.0.1:0\"}, http: {endpoint: \"127.0.0.1:0\"}}");

        public SignalIntake[] Intakes(string transport)
        {
            var outlet = new Outlet();
            outlet.ConnectAsync(Sink).GetAwaiter().GetResult();
            return [.. SignalNames.All.ToArray().Select(signal => new SignalIntake(signal, transport, outlet, Budget, _context))];
        }

        public long Requests => Sum("otelcol_receiver_requests");

        public long Items => Sum("otelcol_receiver_accepted_") + Sum("otelcol_receiver_refused_") + Sum("otelcol_receiver_failed_");

        public BackgroundWork Background => _context.Background;

        public long InFlightBytes => Budget.TakenBytes;

        private long Sum(string prefix)
        {
            var sum = 0L;
            foreach (var family in _context.Metrics.Families)
            {
                if (!family.Name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    continue;
                }

                foreach (var (_, value) in family.Series)
                {
                    sum += ((Counter)value).Value;
                }
            }

            return sum;
        }
    }

    private sealed class HttpRun
    {
        private readonly Books _books = new();
        private HttpApplication? _application;

        public void Run(byte[] input, Outcome outcome)
        {
            _application ??= new HttpApplication(_books.Config.Http!, _books.Intakes("http"), _books.Budget, TimeProvider.System, _books.Background);
            var choice = new Choice(input);
            using var request = new InProcessRequest(choice.IsGet ? "GET" : "POST", HttpPaths[choice.Path]);
            request.Request.Headers.ContentType = Types[choice.Type];
            request.Request.Headers.ContentEncoding = Codings[choice.Coding];
            var body = choice.IsCoded && choice.Coding > 2 ? DecompressionTargets.Compress(CodingName(choice.Coding), choice.Body) : choice.Body;
            request.Request.Headers.ContentLength = choice.End is 0 or 3 ? body.Length : null;
            request.Deliver(body, choice.Pieces, choice.End == 3 ? new BadHttpRequestException("Unexpected end of request content.") : null);
            (_books.Sink.Fault, _books.Sink.ArrivedItems) = (choice.Fault, 0);
            var (requests, items) = (_books.Requests, _books.Items);

            var exchange = _application.CreateContext(request.Features);
            _application.ProcessRequestAsync(exchange).GetAwaiter().GetResult();
            _application.DisposeContext(exchange, null);

            var status = request.Response.StatusCode;
            outcome.Add(status);
            outcome.Add(request.Answer());
            Check(choice, status, request);
            FuzzFailureException.ThrowUnless(
                _books.Requests - requests == (choice.IsGet || choice.Path == 3 ? 0 : 1), "every request for a signal is counted once");
            FuzzFailureException.ThrowUnless(
                _books.Items - items == _books.Sink.ArrivedItems, "accepted, refused and failed items are all items that arrived");
            FuzzFailureException.ThrowUnless(_books.InFlightBytes == 0, "every byte goes back to the budget");
        }

        private static string CodingName(int coding) => Codings[coding] switch
        {
            "snappy" => "snappy-block",
            "deflate" => "zlib",
            var name => name,
        };

        private void Check(in Choice choice, int status, InProcessRequest request)
        {
            FuzzFailureException.ThrowUnless(
                status is 200 or 400 or 404 or 405 or 408 or 413 or 415 or 429 or 503, $"HTTP answers with a status that OTLP names, got {status}");
            FuzzFailureException.ThrowUnless(
                status != 200 || (choice.End != 3 && !request.IsAborted), "an incomplete body is never answered with success");
            if (_books.Sink.ArrivedItems > 0)
            {
                var expected = choice.Fault switch
                {
                    SinkFault.Full or SinkFault.Throws => 503,
                    SinkFault.RateLimited => 429,
                    _ => 200,
                };
                FuzzFailureException.ThrowUnless(status == expected, $"HTTP {expected} says what the pipelines said, got {status}");
            }

            FuzzFailureException.ThrowUnless(
                status is not (429 or 503) || request.Response.Headers.RetryAfter.Count == 1, "what can be tried again says when");
        }
    }

    private sealed class GrpcRun
    {
        private readonly Books _books = new();
        private GrpcApplication? _application;

        public void Run(byte[] input, Outcome outcome)
        {
            _application ??= new GrpcApplication(_books.Config.Grpc!, _books.Intakes("grpc"), _books.Budget, TimeProvider.System, _books.Background);
            var choice = new Choice(input);
            using var request = new InProcessRequest("POST", GrpcPaths[choice.Path]);
            request.Request.Headers.ContentType = "application/grpc";
            request.Request.Headers["grpc-encoding"] = GrpcCodings[choice.Type];
            request.Request.Headers["grpc-timeout"] = choice.Coding > 4 ? "5S" : "";
            request.Deliver(
                choice.IsCoded ? Framed(choice) : choice.Body, choice.Pieces, choice.End == 3 ? new IOException("reset") : null);
            (_books.Sink.Fault, _books.Sink.ArrivedItems) = (choice.Fault, 0);
            var (requests, items) = (_books.Requests, _books.Items);

            var call = _application.CreateContext(request.Features);
            _application.ProcessRequestAsync(call).GetAwaiter().GetResult();
            _application.DisposeContext(call, null);

            var text = (string?)request.Trailers["grpc-status"] ?? (string?)request.Response.Headers["grpc-status"];
            outcome.Add(text);
            outcome.Add(request.Answer());
            Check(choice, text, request);
            FuzzFailureException.ThrowUnless(
                _books.Requests - requests == (choice.Path == 3 ? 0 : 1), "every request for a signal is counted once");
            FuzzFailureException.ThrowUnless(
                _books.Items - items == _books.Sink.ArrivedItems, "accepted, refused and failed items are all items that arrived");
            FuzzFailureException.ThrowUnless(_books.InFlightBytes == 0, "every byte goes back to the budget");
        }

        private static byte[] Framed(in Choice choice)
        {
            var isCompressed = choice.Coding is 3 or 4 && choice.Type != 3;
            var message = isCompressed
                ? DecompressionTargets.Compress(GrpcCodings[choice.Type] is "snappy" ? "snappy-framed" : GrpcCodings[choice.Type], choice.Body)
                : choice.Body;
            var framed = new byte[PrefixBytes + message.Length];
            framed[0] = isCompressed ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
            message.CopyTo(framed, PrefixBytes);
            return framed;
        }

        private void Check(in Choice choice, string? status, InProcessRequest request)
        {
            FuzzFailureException.ThrowUnless(
                status is "0" or "1" or "3" or "4" or "8" or "12" or "14", $"gRPC answers with a status that OTLP names, got {status}");
            FuzzFailureException.ThrowUnless(status != "0" || choice.End != 3, "an incomplete call is never answered with success");
            if (_books.Sink.ArrivedItems == 0)
            {
                return;
            }

            var expected = choice.Fault switch
            {
                SinkFault.Full or SinkFault.Throws => "14",
                SinkFault.RateLimited => "8",
                _ => "0",
            };
            FuzzFailureException.ThrowUnless(status == expected, $"gRPC {expected} says what the pipelines said, got {status}");
            FuzzFailureException.ThrowUnless(
                status == "0" || request.Response.Headers["grpc-status-details-bin"].Count == 1, "what can be tried again says when");
        }
    }
}
