using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Json;

/// <summary>Reads OTLP/JSON into protobuf, led by the schema table.</summary>
internal ref struct JsonRequestReader
{
    /// <summary>A message adds at most an object and an array; a little more lets unknown fields nest at the limit.</summary>
    private const int MaxJsonDepth = (2 * OtlpRequest.MaxDepth) + 8;

    private const int MaxNameLength = 64;
    private readonly ReadOnlySpan<byte> _json;
    private MessageBuffer _buffer;
    private string _problem = "";
    private long _problemOffset;

    public JsonRequestReader(ReadOnlySpan<byte> json)
    {
        _json = json;
        _buffer = new MessageBuffer(json.Length / 2);
    }

    public int ItemCount { get; private set; }

    public readonly OtlpError Error => new(_problem, _problemOffset);

    public readonly ReadOnlySpan<byte> Written => _buffer.Written;

    public readonly void Release() => _buffer.Release();

    public bool Run(Signal signal)
    {
        var reader = new Utf8JsonReader(_json, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return Fail(reader, "a request is a JSON object");
            }

            return Message(ref reader, OtlpSchema.Of(OtlpSchema.RequestOf(signal)), 0)
                && (!reader.Read() || Fail(reader, "there is more after the request"));
        }
        catch (JsonException e)
        {
            _problem = $"not JSON: {FirstSentence(e.Message)}";
            _problemOffset = reader.BytesConsumed;
            return false;
        }
    }

    private bool Message(ref Utf8JsonReader reader, MessageSpec message, int depth)
    {
        if (depth > OtlpRequest.MaxDepth)
        {
            return Fail(reader, $"messages are nested more than {OtlpRequest.MaxDepth} deep");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Find(reader, message);
            reader.Read();
            if (field is null || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
            }
            else if (!(field.Repeated ? Elements(ref reader, field, depth) : Value(ref reader, field, depth)))
            {
                return false;
            }
        }

        return true;
    }

    private static FieldSpec? Find(in Utf8JsonReader reader, MessageSpec message)
    {
        if (!reader.ValueIsEscaped)
        {
            return message.Find(reader.ValueSpan);
        }

        if (reader.ValueSpan.Length > MaxNameLength)
        {
            return null;
        }

        Span<byte> name = stackalloc byte[MaxNameLength];
        return message.Find(name[..JsonText.Copy(reader, name)]);
    }

    private bool Elements(ref Utf8JsonReader reader, FieldSpec field, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Expected(reader, field, "an array");
        }

        var packed = field.Packed ? _buffer.Begin(field.Number) : -1;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!(field.Packed ? Number(ref reader, field) : Value(ref reader, field, depth)))
            {
                return false;
            }
        }

        if (packed >= 0)
        {
            _buffer.End(packed);
        }

        return true;
    }

    /// <summary>Writes one value with its tag.</summary>
    private bool Value(ref Utf8JsonReader reader, FieldSpec field, int depth)
    {
        if (field.ElementWireType != WireType.LengthDelimited)
        {
            _buffer.Tag(field.Number, field.ElementWireType);
            return Number(ref reader, field);
        }

        var before = _buffer.Length;
        var start = _buffer.Begin(field.Number);
        if (!Content(ref reader, field, depth))
        {
            return false;
        }

        if (_buffer.Length == start && field.Kind != FieldKind.Message && field is { InOneof: false, Repeated: false })
        {
            // An empty text or id is the same as none, and that is how protobuf writes it.
            _buffer.Truncate(before);
        }
        else
        {
            _buffer.End(start);
        }

        return true;
    }

    private bool Content(ref Utf8JsonReader reader, FieldSpec field, int depth)
    {
        if (field.Kind == FieldKind.Message)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Expected(reader, field, "an object");
            }

            ItemCount += OtlpSchema.IsItem(field.Message) ? 1 : 0;
            return Message(ref reader, OtlpSchema.Of(field.Message), depth + 1);
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return Expected(reader, field, "a string");
        }

        var target = _buffer.Span(reader.ValueSpan.Length);
        if (!Utf8.IsValid(reader.ValueSpan) || JsonText.Copy(reader, target) is var length && length < 0)
        {
            return Expected(reader, field, "valid Unicode");
        }

        return Decode(reader, field, target[..length]);
    }

    /// <summary>Turns the text at the end of the buffer into the field's bytes, in place.</summary>
    private bool Decode(in Utf8JsonReader reader, FieldSpec field, Span<byte> text)
    {
        switch (field.Kind)
        {
            case FieldKind.Text:
                _buffer.Advance(text.Length);
                return true;
            case FieldKind.Bytes:
                if (!JsonText.TryDecodeBase64(text, out var length))
                {
                    return Expected(reader, field, "base64");
                }

                _buffer.Advance(length);
                return true;
            default:
                var idLength = field.Kind == FieldKind.TraceId ? 16 : 8;
                if (text.Length != 0 && (text.Length != 2 * idLength || !JsonText.TryDecodeHex(text)))
                {
                    return Expected(reader, field, $"{2 * idLength} hexadecimal digits");
                }

                _buffer.Advance(text.Length / 2);
                return true;
        }
    }

    /// <summary>Writes one number without its tag.</summary>
    private bool Number(ref Utf8JsonReader reader, FieldSpec field)
    {
        switch (field.Kind)
        {
            case FieldKind.Bool:
                if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                {
                    return Expected(reader, field, "true or false");
                }

                _buffer.Varint(reader.TokenType == JsonTokenType.True ? 1u : 0u);
                return true;
            case FieldKind.Float64:
                if (!JsonNumber.TryDouble(reader, out var real))
                {
                    return Expected(reader, field, "a number");
                }

                _buffer.Fixed64(BitConverter.DoubleToUInt64Bits(real));
                return true;
            case FieldKind.Named:
                if (!JsonNumber.TryEnum(reader, field.EnumNames, out var value))
                {
                    return Expected(reader, field, "a value of the enumeration");
                }

                _buffer.Varint((ulong)value);
                return true;
            default:
                return Integer(reader, field);
        }
    }

    private bool Integer(in Utf8JsonReader reader, FieldSpec field)
    {
        long signed = 0;
        ulong unsigned = 0;
        var fits = field.Kind switch
        {
            FieldKind.Signed32 or FieldKind.ZigZag32 =>
                JsonNumber.TryInt64(reader, out signed) && signed is >= int.MinValue and <= int.MaxValue,
            FieldKind.Signed64 or FieldKind.SFixed64 => JsonNumber.TryInt64(reader, out signed),
            FieldKind.Unsigned32 or FieldKind.Fixed32 =>
                JsonNumber.TryUInt64(reader, out unsigned) && unsigned <= uint.MaxValue,
            _ => JsonNumber.TryUInt64(reader, out unsigned),
        };
        if (!fits)
        {
            return Expected(reader, field, "an integer within its range");
        }

        switch (field.Kind)
        {
            case FieldKind.ZigZag32:
                _buffer.Varint((uint)((int)signed << 1) ^ (uint)((int)signed >> 31));
                break;
            case FieldKind.SFixed64:
                _buffer.Fixed64((ulong)signed);
                break;
            case FieldKind.Fixed64:
                _buffer.Fixed64(unsigned);
                break;
            case FieldKind.Fixed32:
                _buffer.Fixed32((uint)unsigned);
                break;
            case FieldKind.Signed32 or FieldKind.Signed64:
                _buffer.Varint((ulong)signed);
                break;
            default:
                _buffer.Varint(unsigned);
                break;
        }

        return true;
    }

    private bool Expected(in Utf8JsonReader reader, FieldSpec field, string expected) =>
        Fail(reader, $"{Encoding.UTF8.GetString(field.CamelName)} is not {expected}");

    private bool Fail(in Utf8JsonReader reader, string problem)
    {
        _problem = problem;
        _problemOffset = reader.TokenStartIndex;
        return false;
    }

    private static string FirstSentence(string message) => message.Split(" LineNumber", 2)[0].TrimEnd('.');
}
