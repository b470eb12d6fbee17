using System.Buffers;
using System.Linq;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Fuzz;

/// <summary>Valid inputs from generators and from files of the repository.</summary>
internal static class Seeds
{
    private const int RequestsMax = 12;
    private const int GeneratedMax = 400;
    private const int LengthMax = 1500;

    /// <summary>Keys and values that components look for.</summary>
    public static IReadOnlyList<byte[]> AttributeWords { get; } = Utf8(
        "service.name", "tenant.id", "node_type", "error.code", "code", "amount", "currency", "CNY", "biz.order_no", "http.status_code",
        "elasticsearch.index", "elasticsearch.mapping.mode", "data_stream.dataset", "elasticsearch.document_id", "exception.message",
        "exception.stacktrace", "anomaly.attribution", "anomaly.event_id", "anomaly.rule_id", "anomaly.chain", "otelcol/telemetry",
        "6222021234567890123", "11010519491231002X", "13800138000", "span.kind", "__name__", "le", "a.b", "a", ".a", "a..c");

    /// <summary>Small requests of one signal as protobuf.</summary>
    public static IEnumerable<byte[]> Requests(Signal signal) =>
        Enumerable.Range(1, GeneratedMax).Select(seed => OtlpGenerators.Request(signal, seed).ToByteArray())
            .Where(static bytes => bytes.Length <= LengthMax).Take(RequestsMax);

    /// <summary>Small requests of one signal as JSON.</summary>
    public static IEnumerable<byte[]> JsonRequests(Signal signal) => Requests(signal).Select(bytes => Json(signal, bytes));

    /// <summary>A request as JSON.</summary>
    public static byte[] Json(Signal signal, byte[] request)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            OtlpRequest.WriteJson(signal, request, writer);
        }

        return json.WrittenSpan.ToArray();
    }

    /// <summary>The same with bytes in front.</summary>
    public static IEnumerable<byte[]> Prefixed(IEnumerable<byte[]> inputs, params byte[] prefix) =>
        inputs.Select(input => (byte[])[.. prefix, .. input]);

    /// <summary>Files of the repository.</summary>
    /// <param name="folder">Their folder, from its root.</param>
    /// <param name="pattern">Their names.</param>
    public static IEnumerable<byte[]> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, folder), pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    /// <summary>Texts as UTF-8.</summary>
    public static byte[][] Utf8(params ReadOnlySpan<string> texts)
    {
        var utf8 = new byte[texts.Length][];
        for (var i = 0; i < texts.Length; i++)
        {
            utf8[i] = Encoding.UTF8.GetBytes(texts[i]);
        }

        return utf8;
    }
}
