using System.Buffers;
using System.Linq;
using System.Text.Json;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>OTLP/JSON to protobuf, back to JSON, and to the same protobuf.</summary>
internal static class JsonTargets
{
    // A byte that is not UTF-8 becomes U+FFFD, three bytes; nothing grows more.
    private const int GrowthMax = 3;
    private const int GrowthBase = 64;

    private static readonly byte[][] Names = Seeds.Utf8(
        "\"resourceSpans\"", "\"resource_spans\"", "\"scopeSpans\"", "\"spans\"", "\"traceId\"", "\"kind\"", "\"SPAN_KIND_SERVER\"", "\"attributes\"",
        "\"key\"", "\"value\"", "\"stringValue\"", "\"intValue\"", "\"doubleValue\"", "\"arrayValue\"", "\"kvlistValue\"", "\"bytesValue\"",
        "\"values\"", "\"events\"", "\"links\"", "\"status\"", "\"resourceMetrics\"", "\"resourceLogs\"", "\"logRecords\"", "\"body\"", "\"gauge\"",
        "\"histogram\"", "\"dataPoints\"", "\"bucketCounts\"", "\"explicitBounds\"", "\"asInt\"", "\"asDouble\"", "\"timeUnixNano\"", "\"flags\"");

    public static IEnumerable<FuzzTarget> All => SignalNames.All.ToArray().Select(static signal => new FuzzTarget
    {
        Name = $"otlp-json-{signal.PipelineName()}",
        Form = InputForm.Json,
        Seeds = () => Seeds.JsonRequests(signal),
        Words = Names,
        Run = (input, outcome) => Run(signal, input, outcome),
    });

    private static void Run(Signal signal, byte[] input, Outcome outcome)
    {
        var request = new ArrayBufferWriter<byte>();
        var isValid = OtlpRequest.TryReadJson(signal, input, request, out var items, out var error);
        outcome.Add(isValid);
        outcome.Add(items);
        outcome.Add(error.Problem);
        outcome.Add(request.WrittenSpan);
        if (!isValid)
        {
            FuzzFailureException.ThrowUnless(request.WrittenCount == 0, "a request that cannot be read writes nothing");
            return;
        }

        FuzzFailureException.ThrowUnless(
            request.WrittenCount <= (GrowthMax * input.Length) + GrowthBase, "protobuf is at most three times as long as its JSON");
        FuzzFailureException.ThrowUnless(
            OtlpRequest.TryValidate(signal, request.WrittenSpan, out var same, out var fault) && same == items,
            $"what is read from JSON validates: {fault.Problem}");
        FuzzFailureException.ThrowUnless(Oracle.Accepts(signal, request.WrittenSpan), "other protobuf libraries read what is read from JSON");

        var json = Write(signal, request.WrittenSpan);
        using (JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 }))
        {
            // A strict parser reads it; that is all there is to check.
        }

        var again = new ArrayBufferWriter<byte>();
        FuzzFailureException.ThrowUnless(
            OtlpRequest.TryReadJson(signal, json, again, out same, out fault) && same == items, $"written JSON can be read: {fault.Problem}");
        FuzzFailureException.ThrowUnless(Write(signal, again.WrittenSpan).AsSpan().SequenceEqual(json), "JSON survives a round trip");
    }

    private static byte[] Write(Signal signal, ReadOnlySpan<byte> request)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            OtlpRequest.WriteJson(signal, request, writer);
        }

        return json.WrittenSpan.ToArray();
    }
}
