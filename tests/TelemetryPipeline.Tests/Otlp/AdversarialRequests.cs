using System.Buffers;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Tests.Otlp;

/// <summary>
/// Requests whose cost is far from their length: the small forms of what bench/amplification sends. Each grows with a
/// count, and is encoded by hand, since no library writes such bytes.
/// </summary>
internal static class AdversarialRequests
{
    public static readonly string[] Names =
    [
        "empty spans", "empty logs", "empty points", "empty resources", "empty scopes", "empty metrics", "tiny resources with a span",
        "attributes of one span", "registered attributes of spans", "events of one span", "links of one span", "nested lists",
    ];

    /// <summary>A request and its signal.</summary>
    public static (Signal Signal, byte[] Bytes) Build(string name, int count) => name switch
    {
        "empty spans" => (Signal.Traces, Envelopes(Repeat(Field(2, []), count))),
        "empty logs" => (Signal.Logs, Envelopes(Repeat(Field(2, []), count))),
        "empty points" => (Signal.Metrics, Envelopes(Field(2, Field(5, Repeat(Field(1, []), count))))),
        "empty resources" => (Signal.Traces, [.. Envelopes(Field(2, [])), .. Repeat(Field(1, []), count)]),
        "empty scopes" => (Signal.Traces, Field(1, [.. Field(2, Field(2, [])), .. Repeat(Field(2, []), count)])),
        "empty metrics" => (Signal.Metrics, Envelopes([.. Field(2, Field(5, Field(1, []))), .. Repeat(Field(2, []), count)])),
        "tiny resources with a span" => (Signal.Traces, Repeat(Envelopes(Field(2, [])), count)),
        "attributes of one span" => (Signal.Traces, Envelopes(Field(2, Repeat(Field(9, Attribute("k", "v")), count)))),
        "registered attributes of spans" => (Signal.Traces, Envelopes(Repeat(Field(2, Field(9, Attribute("slot.a", "v"))), count))),
        "events of one span" => (Signal.Traces, Envelopes(Field(2, Repeat(Field(11, []), count)))),
        "links of one span" => (Signal.Traces, Envelopes(Field(2, Repeat(Field(13, []), count)))),
        "nested lists" => (Signal.Traces, Envelopes(Field(2, Repeat(Field(9, [.. Field(1, "k"u8), .. Field(2, Nested(40))]), count)))),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such request"),
    };

    /// <summary>A batch of one chunk.</summary>
    public static OtlpBatch Batch(Signal signal, byte[] bytes)
    {
        Assert.True(OtlpRequest.TryValidate(signal, bytes, out var items, out var error), error.ToString());
        return new OtlpBatch(OtlpChunk.FromArray(signal, bytes, items));
    }

    /// <summary>What is in a scope, as a request.</summary>
    public static byte[] Envelopes(byte[] scope) => Field(1, Field(2, scope));

    /// <summary>A key and a text.</summary>
    public static byte[] Attribute(string key, string value) =>
        [.. Field(1, Encoding.UTF8.GetBytes(key)), .. Field(2, Field(1, Encoding.UTF8.GetBytes(value)))];

    /// <summary>A length-delimited field.</summary>
    public static byte[] Field(int number, ReadOnlySpan<byte> content)
    {
        var output = new ArrayBufferWriter<byte>();
        WireWriter.WriteField(output, number, content);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Repeat(ReadOnlySpan<byte> bytes, int count)
    {
        var repeated = new byte[bytes.Length * count];
        for (var i = 0; i < count; i++)
        {
            bytes.CopyTo(repeated.AsSpan(i * bytes.Length));
        }

        return repeated;
    }

    private static byte[] Nested(int depth)
    {
        var value = Field(1, "v"u8);
        for (var i = 0; i < depth; i++)
        {
            value = Field(5, Field(1, value));
        }

        return value;
    }
}
