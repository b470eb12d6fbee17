using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>OTLP/JSON as the oracle reads and writes it: its own proto3 JSON, with the ids in hexadecimal instead of base64.</summary>
public static class OracleJson
{
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 200 };

    /// <summary>Reads a request.</summary>
    public static IMessage Parse(Signal signal, string json)
    {
        var node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 200 })!;
        ConvertIds(node, static text => Convert.ToBase64String(Convert.FromHexString(text)));
        return JsonParser.Default.Parse(node.ToJsonString(Deep), OtlpPayloads.Empty(signal).Descriptor);
    }

    /// <summary>Writes a request.</summary>
    public static string Format(IMessage request, JsonFormatter formatter)
    {
        var node = JsonNode.Parse(formatter.Format(request))!;
        ConvertIds(node, static text => Convert.ToHexString(Convert.FromBase64String(text)));
        return node.ToJsonString(Deep);
    }

    private static void ConvertIds(JsonNode? node, Func<string, string> convert)
    {
        if (node is JsonArray array)
        {
            foreach (var element in array)
            {
                ConvertIds(element, convert);
            }
        }

        if (node is not JsonObject fields)
        {
            return;
        }

        foreach (var (name, value) in new List<KeyValuePair<string, JsonNode?>>(fields))
        {
            if (name is "traceId" or "spanId" or "parentSpanId" or "trace_id" or "span_id" or "parent_span_id")
            {
                fields[name] = convert(value!.GetValue<string>());
            }
            else
            {
                ConvertIds(value, convert);
            }
        }
    }
}
