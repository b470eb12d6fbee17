using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Tests.Otlp;

/// <summary>
/// JSON that follows the schema of OTLP most of the time, and then has another type, a number out of range, half of a
/// surrogate pair, an unknown name, a null, deep nesting or a cut end.
/// </summary>
/// <param name="seed">Gives the same documents again.</param>
internal sealed class RandomRequests(int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e40", "\"\"", "\"7\"", "\"9223372036854775808\"", "18446744073709551616", "[]", "{}",
        "\"\\ud83d\"", "\"\\ude00\\ud83d\"", "\"a\\u0062\"", "\"NaN\"", "[null]", "[[{}]]", "{\"\\udc00\":{\"a\":[1]}}", "-0",
        "\"0102030405060708\"", "\"0102030405060708090a0b0c0d0e0f10\"", "\"STATUS_CODE_ERROR\"", "\"SPAN_KIND_\\ud800\"",
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next document.</summary>
    /// <param name="signal">What it carries.</param>
    public string Next(Signal signal)
    {
        var json = new StringBuilder();
        Write(json, OtlpSchema.Of(OtlpSchema.RequestOf(signal)), 0);
        if (_random.Next(20) == 0)
        {
            json.Length = _random.Next(json.Length + 1);
        }

        return json.ToString();
    }

    private void Write(StringBuilder json, MessageSpec message, int depth)
    {
        json.Append('{');
        var oneof = message.Fields.Where(static field => field.InOneof).ToList();
        var choice = oneof.Count > 0 ? oneof[_random.Next(oneof.Count)] : null;
        var fields = message.Fields.Where(field => field.InOneof ? field == choice : field.IsHolder || _random.Next(3) > 0).ToList();
        for (var i = 0; i < fields.Count; i++)
        {
            json.Append(i == 0 ? "" : ",").Append('"').Append(Name(fields[i])).Append("\":");
            Write(json, fields[i], depth);
        }

        json.Append('}');
    }

    private string Name(FieldSpec field)
    {
        var name = Encoding.UTF8.GetString(_random.Next(2) == 0 ? field.CamelName : field.SnakeName);
        return _random.Next(40) switch
        {
            0 => name + "\\ud83d",
            1 => string.Concat(name.Select(static c => $"\\u00{(int)c:x2}")),
            _ => name,
        };
    }

    private void Write(StringBuilder json, FieldSpec field, int depth)
    {
        if (_random.Next(25) == 0)
        {
            json.Append(Values[_random.Next(Values.Length)]);
            return;
        }

        var count = field.Repeated ? _random.Next(4) : 1;
        json.Append(field.Repeated ? "[" : "");
        for (var i = 0; i < count; i++)
        {
            json.Append(i == 0 ? "" : ",");
            if (field.Kind != FieldKind.Message || _random.Next(25) == 0)
            {
                json.Append(Value(field));
            }
            else if (depth < 12)
            {
                Write(json, OtlpSchema.Of(field.Message), depth + 1);
            }
            else
            {
                json.Append(_random.Next(10) == 0 ? Nest(_random.Next(120)) : "{}");
            }
        }

        json.Append(field.Repeated ? "]" : "");
    }

    // Mostly a value of the field's type.
    private string Value(FieldSpec field) => _random.Next(20) == 0 ? Values[_random.Next(Values.Length)] : field.Kind switch
    {
        FieldKind.TraceId => "\"0102030405060708090a0b0c0d0e0f10\"",
        FieldKind.SpanId => "\"0102030405060708\"",
        FieldKind.Bool => "true",
        FieldKind.Text or FieldKind.Bytes => "\"abcd\"",
        FieldKind.Message => "{}",
        _ => "\"1\"",
    };

    private static string Nest(int arrays)
    {
        var nest = new StringBuilder().Insert(0, """{"arrayValue":{"values":[""", arrays);
        return nest.Append("{}").Insert(nest.Length, "]}}", arrays).ToString();
    }
}
