using System.Buffers;
using System.Linq;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.Alerting.Receivers;
using TelemetryPipeline.Exporters.Elasticsearch.Bulk;
using TelemetryPipeline.Exporters.Elasticsearch.Cluster;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Exporters.Otlp.Http;
using TelemetryPipeline.Fuzz.Mutation;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>Answers of the servers that exporters and processors talk to.</summary>
internal static class AnswerTargets
{
    private const int Items = 7;
    private const int MessageMax = 2048;
    private const int BulkDocuments = 3;

    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2024, 5, 21, 0, 0, 0, TimeSpan.Zero));
    private static readonly int[] Statuses = [200, 202, 204, 302, 400, 401, 404, 413, 429, 500, 502, 503, 504, 599];
    private static readonly string[] Types = ["application/x-protobuf", "application/json", "text/html", "application/json; charset=\"x"];
    private static readonly string[] GrpcStatuses = ["0", "1", "3", "4", "8", "11", "13", "14", "16", "99", "-1", ""];

    private static readonly byte[][] JsonAnswers = Seeds.Utf8(
        "{}", "{\"partialSuccess\":{\"rejectedSpans\":\"3\",\"errorMessage\":\"too old\"}}", "{\"partialSuccess\":{\"rejectedDataPoints\":1}}",
        "{\"code\":14,\"message\":\"busy\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"1.5s\"}]}",
        "{\"code\":3,\"message\":\"bad\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\",\"fieldViolations\":[{\"field\":\"body\",\"description\":\"x\"}]}]}");

    public static IEnumerable<FuzzTarget> All =>
    [
        Json("elasticsearch-bulk-answer", Bulk,
            "{\"took\":1,\"errors\":true,\"items\":[{\"create\":{\"_index\":\"i\",\"status\":201}},{\"create\":{\"status\":400,\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":\"failed\",\"caused_by\":{\"type\":\"x\",\"reason\":\"y\"}}}},{\"index\":{\"status\":429,\"error\":\"busy\"}}]}",
            "{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}", "{\"error\":\"no\"}"),
        Json("elasticsearch-answer", Cluster,
            "{\"name\":\"n\",\"cluster_name\":\"c\",\"cluster_uuid\":\"u\",\"version\":{\"number\":\"8.12.0\",\"build_flavor\":\"default\"}}",
            "{\"version\":{\"distribution\":\"opensearch\",\"number\":\"2.11.1\"}}",
            "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no\"},\"status\":403}", "{\"error\":\"no\"}", "<html>"),
        Json("wecom-answer", WeCom, "{\"errcode\":0,\"errmsg\":\"ok\"}", "{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}", "{\"errcode\":93000}"),
        Json("key-service-answer", KeyService.Run,
            "{\"data\":{\"ciphertext\":\"vault:v1:AAAA\",\"plaintext\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"}}", "{\"errors\":[\"permission denied\"]}"),
        new FuzzTarget
        {
            Name = "otlp-http-answer",
            Form = InputForm.OptionsAndProtobuf,
            Seeds = static () => AnswerSeeds().Concat(JsonAnswers.SelectMany(static json => (byte[][])[[0, 1, .. json], [11, 1, .. json]])),
            Run = HttpAnswerOf,
        },
        new FuzzTarget { Name = "otlp-grpc-answer", Form = InputForm.OptionsAndProtobuf, Seeds = GrpcSeeds, Run = GrpcAnswerOf },
        new FuzzTarget { Name = "rpc-status", Form = InputForm.Protobuf, Seeds = StatusSeeds, Run = Status },
        Json("rpc-status-json", StatusJson, [.. JsonAnswers.Select(Encoding.UTF8.GetString)]),
    ];

    private static FuzzTarget Json(string name, FuzzRun run, params string[] seeds) => new()
    {
        Name = name,
        Form = InputForm.Json,
        Seeds = () => Seeds.Utf8(seeds),
        Words = Seeds.Utf8("\"errors\"", "\"items\"", "\"status\"", "\"error\"", "\"type\"", "\"reason\"", "\"errcode\"", "\"errmsg\"", "\"version\"", "\"number\"", "\"details\"", "\"@type\"", "\"retryDelay\"", "\"9999999999.9s\"", "\"-1s\"", "\"data\""),
        Run = run,
    };

    private static void Bulk(byte[] input, Outcome outcome)
    {
        var whole = ReadBulk(new MemoryStream(input), outcome, out var answers);
        var pieces = ReadBulk(new SmallReads(input), outcome, out var same);
        FuzzFailureException.ThrowUnless(
            whole == pieces && (!whole || answers.SequenceEqual(same)), "an answer means the same however it arrives");
        FuzzFailureException.ThrowUnless(!whole || answers.Count == BulkDocuments, "a bulk answer has one outcome for each document");
    }

    private static bool ReadBulk(Stream body, Outcome outcome, out List<DocumentAnswer> answers)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) };
        answers = [];
        var isRead = BulkResponseReader.ReadAsync(response, BulkDocuments, answers, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        outcome.Add(isRead);
        foreach (var answer in answers)
        {
            outcome.Add(answer.ToString());
        }

        return isRead;
    }

    private static void Cluster(byte[] input, Outcome outcome)
    {
        outcome.Add(ServerVersion.Read(input)?.ToString());
        var error = ServerError.Read(input);
        FuzzFailureException.ThrowUnless(
            error.Type.Length + error.Reason.Length < MessageMax && !(error.Type + error.Reason).Any(char.IsControl), "errors are short and on one line");
        outcome.Add(error.ToString());
    }

    private static void WeCom(byte[] input, Outcome outcome) =>
        Check(new WeComNotifier(null!, null!).Read(input), outcome);

    private static void HttpAnswerOf(byte[] input, Outcome outcome)
    {
        var (first, second) = (input.Length > 0 ? input[0] : 0, input.Length > 1 ? input[1] : 0);
        using var response = new HttpResponseMessage((HttpStatusCode)Statuses[first % Statuses.Length]) { Content = new ByteArrayContent([]) };
        response.Content.Headers.TryAddWithoutValidation("content-type", Types[second & 3]);
        var body = input[Math.Min(Mutator.OptionBytes, input.Length)..];
        if ((second & 0x10) != 0)
        {
            response.Headers.TryAddWithoutValidation("retry-after", Encoding.Latin1.GetString(body[..Math.Min(body.Length, 12)]));
        }

        var isWhole = (second & 0x20) == 0;
        var answer = HttpAnswer.Read(response, body, isWhole, (Signal)((second >> 2) % 3), Items, Time.GetUtcNow());
        Check(answer.Result, outcome);
        outcome.Add(answer.Warning);
    }

    private static void GrpcAnswerOf(byte[] input, Outcome outcome)
    {
        var (first, second) = (input.Length > 0 ? input[0] : 0, input.Length > 1 ? input[1] : 0);
        using var response = new HttpResponseMessage((HttpStatusCode)(second < 200 ? 200 : Statuses[second % Statuses.Length]));
        var body = input[Math.Min(Mutator.OptionBytes, input.Length)..];
        var headers = (first & 0x80) == 0 ? response.TrailingHeaders : response.Headers;
        var status = GrpcStatuses[(first & 0x7f) % GrpcStatuses.Length];
        if (status.Length > 0)
        {
            headers.TryAddWithoutValidation("grpc-status", status);
            headers.TryAddWithoutValidation("grpc-message", Encoding.Latin1.GetString(body[..Math.Min(body.Length, 20)]));
            headers.TryAddWithoutValidation("grpc-status-details-bin", (second & 1) == 0 ? Convert.ToBase64String(body) : Encoding.Latin1.GetString(body));
        }

        var answer = GrpcAnswer.Read(response, body, Items);
        Check(answer.Result, outcome);
        outcome.Add(answer.Warning);
    }

    private static void Check(in ConsumeResult result, Outcome outcome)
    {
        FuzzFailureException.ThrowUnless(result.RetryAfter >= TimeSpan.Zero, "a delay is never negative");
        FuzzFailureException.ThrowUnless(result.RejectedCount is >= 0 and <= Items, "a server refuses at most what it was sent");
        FuzzFailureException.ThrowUnless((result.Message ?? "").Length < MessageMax, "messages are short");
        outcome.Add((long)result.Outcome);
        outcome.Add(result.Reason);
        outcome.Add(result.Message);
        outcome.Add(result.RetryAfter.Ticks);
        outcome.Add(result.RejectedCount);
    }

    private static void Status(byte[] input, Outcome outcome)
    {
        var isStatus = RpcStatusCodec.TryRead(input, out var status);
        outcome.Add(isStatus);
        if (isStatus)
        {
            var written = new ArrayBufferWriter<byte>();
            RpcStatusCodec.Write(status, written);
            FuzzFailureException.ThrowUnless(
                RpcStatusCodec.TryRead(written.WrittenSpan, out var again) && Same(status, again), "a status survives protobuf");
            CheckJson(status, outcome);
        }

        outcome.Add(OtlpResponse.TryRead(input, out var answer));
        outcome.Add(answer.ToString());
    }

    private static void StatusJson(byte[] input, Outcome outcome)
    {
        var isStatus = RpcStatusCodec.TryReadJson(input, out var status);
        outcome.Add(isStatus);
        if (isStatus)
        {
            CheckJson(status, outcome);
        }

        foreach (var signal in SignalNames.All)
        {
            outcome.Add(OtlpResponse.TryReadJson(signal, input, out var answer));
            outcome.Add(answer.ToString());
        }
    }

    private static void CheckJson(RpcStatus status, Outcome outcome)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            RpcStatusCodec.WriteJson(status, writer);
        }

        FuzzFailureException.ThrowUnless(
            RpcStatusCodec.TryReadJson(json.WrittenSpan, out var again) && Same(status, again), "a status survives JSON");
        outcome.Add(json.WrittenSpan);
    }

    private static bool Same(RpcStatus a, RpcStatus b) => a.Code == b.Code && a.Message == b.Message && a.RetryAfter == b.RetryAfter;

    private static IEnumerable<byte[]> StatusSeeds()
    {
        foreach (var status in (RpcStatus[])
        [
            new(14, "busy") { RetryAfter = TimeSpan.FromSeconds(1.5) },
            new(3, "bad") { Violations = [new FieldViolation("body", "not an OTLP request")] },
        ])
        {
            var written = new ArrayBufferWriter<byte>();
            RpcStatusCodec.Write(status, written);
            yield return written.WrittenSpan.ToArray();
        }

        var response = new ArrayBufferWriter<byte>();
        OtlpResponse.Write(new ExportOutcome(3, "too old"), response);
        yield return response.WrittenSpan.ToArray();
    }

    private static IEnumerable<byte[]> AnswerSeeds() => StatusSeeds().SelectMany(
        static body => Enumerable.Range(0, Statuses.Length).Select(status => (byte[])[(byte)status, (byte)(status << 4), .. body]));

    private static IEnumerable<byte[]> GrpcSeeds() => StatusSeeds().SelectMany(
        static body => Enumerable.Range(0, GrpcStatuses.Length).SelectMany(
            status => (byte[][])[[(byte)status, 0, .. body], [(byte)status, 0, 0, 0, 0, 0, (byte)body.Length, .. body]]));

    /// <summary>A body that arrives a few bytes at a time.</summary>
    private sealed class SmallReads(byte[] bytes) : MemoryStream(bytes)
    {
        private const int ReadMax = 5;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, ReadMax)], cancellationToken);
    }
}
