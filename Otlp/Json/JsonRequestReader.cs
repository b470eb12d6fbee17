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

    // The longest name of a field has 23 characters; each can be an escape.
    private const int MaxNameLength = 6 * 32;

    private readonly ReadOnlySpan<byte> _json;
    private MessageBuffer _buffer;
    private OtlpError _error;
    private RefusedItems? _refused;
    private ItemProblem _damage;
    private int _holders;

    public JsonRequestReader(ReadOnlySpan<byte> json)
    {
        _json = json;
        _buffer = new MessageBuffer(json.Length / 2);
    }

    /// <summary>Items without those that are refused.</summary>
    public int ItemCount { get; private set; }

    /// <summary>What is malformed.</summary>
    public readonly OtlpError Error => _error;

    /// <summary>What is refused; null where nothing is.</summary>
    public readonly RefusedItems? Refused => _refused;

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
            _error = new OtlpError($"not JSON: {FirstSentence(e.Message)}", reader.BytesConsumed);
            return false;
        }
    }

    private bool Message(ref Utf8JsonReader reader, MessageSpec message, int depth)
    {
        if (depth > OtlpRequest.MaxDepth)
        {
            return Refuse(ref reader, ItemProblem.TooDeep, OtlpRequest.TooDeep);
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

        return FindEscaped(reader, message);
    }

    private static FieldSpec? FindEscaped(in Utf8JsonReader reader, MessageSpec message)
    {
        if (JsonText.LengthMax(reader) > MaxNameLength)
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
            return Expected(ref reader, field, ItemProblem.WrongType, "an array");
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

        return field.IsHolder ? Holder(ref reader, field, depth) : Delimited(ref reader, field, depth);
    }

    /// <summary>Writes an item, or a message that holds items; where it cannot be represented, it alone is left out.</summary>
    private bool Holder(ref Utf8JsonReader reader, FieldSpec field, int depth)
    {
        var (outer, items, before) = (_damage, ItemCount, _buffer.Length);
        _damage = ItemProblem.None;
        _holders++;
        ItemCount += OtlpSchema.IsItem(field.Message) ? 1 : 0;
        if (!Delimited(ref reader, field, depth))
        {
            return false;
        }

        if (_damage != ItemProblem.None)
        {
            _buffer.Truncate(before);
            _refused!.Add(_damage, ItemCount - items);
            ItemCount = items;
        }

        _holders--;
        _damage = outer;
        return true;
    }

    private bool Delimited(ref Utf8JsonReader reader, FieldSpec field, int depth)
    {
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
            return reader.TokenType == JsonTokenType.StartObject
                ? Message(ref reader, OtlpSchema.Of(field.Message), depth + 1)
                : Expected(ref reader, field, ItemProblem.WrongType, "an object");
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return Expected(ref reader, field, ItemProblem.WrongType, "a string");
        }

        if (!reader.ValueIsEscaped && Utf8.IsValid(reader.ValueSpan))
        {
            var copy = _buffer.Span(reader.ValueSpan.Length)[..reader.ValueSpan.Length];
            reader.ValueSpan.CopyTo(copy);
            return Decode(ref reader, field, copy);
        }

        var target = _buffer.Span(JsonText.LengthMax(reader));
        return Decode(ref reader, field, target[..JsonText.Copy(reader, target)]);
    }

    /// <summary>Turns the text at the end of the buffer into the field's bytes, in place.</summary>
    private bool Decode(ref Utf8JsonReader reader, FieldSpec field, Span<byte> text)
    {
        switch (field.Kind)
        {
            case FieldKind.Text:
                _buffer.Advance(text.Length);
                return true;
            case FieldKind.Bytes:
                if (!JsonText.TryDecodeBase64(text, out var length))
                {
                    return Expected(ref reader, field, ItemProblem.InvalidBase64, "base64");
                }

                _buffer.Advance(length);
                return true;
            default:
                var idLength = field.Kind == FieldKind.TraceId ? 16 : 8;
                if (text.Length != 0 && (text.Length != 2 * idLength || !JsonText.TryDecodeHex(text)))
                {
                    return Expected(ref reader, field, ItemProblem.InvalidId, idLength == 16 ? "32 hexadecimal digits" : "16 hexadecimal digits");
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
                    return Expected(ref reader, field, ItemProblem.WrongType, "true or false");
                }

                _buffer.Varint(reader.TokenType == JsonTokenType.True ? 1u : 0u);
                return true;
            case FieldKind.Float64:
                if (!JsonNumber.TryDouble(reader, out var real))
                {
                    return Expected(ref reader, field, ItemProblem.NumberOutOfRange, "a number");
                }

                _buffer.Fixed64(BitConverter.DoubleToUInt64Bits(real));
                return true;
            case FieldKind.Named:
                if (!JsonNumber.TryEnum(reader, field.EnumNames, out var value))
                {
                    return Expected(ref reader, field, ItemProblem.InvalidEnum, "a value of the enumeration");
                }

                _buffer.Varint((ulong)value);
                return true;
            default:
                return Integer(ref reader, field);
        }
    }

    private bool Integer(ref Utf8JsonReader reader, FieldSpec field)
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
            return Expected(ref reader, field, ItemProblem.NumberOutOfRange, "an integer within its range");
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

    private bool Expected(ref Utf8JsonReader reader, FieldSpec field, ItemProblem problem, string expected) =>
        Refuse(ref reader, problem, NeedsText ? $"{Encoding.UTF8.GetString(field.CamelName)} is not {expected}" : "");

    // Only the first fault is shown, and a million of them must not cost a million texts.
    private readonly bool NeedsText => _holders == 0 || _refused is null;

    /// <summary>
    /// Passes over a value that the current item or holder of items cannot be represented for; outside of these, ends the
    /// pass.
    /// </summary>
    private bool Refuse(ref Utf8JsonReader reader, ItemProblem problem, string text)
    {
        if (_holders == 0)
        {
            return Fail(reader, text);
        }

        _refused ??= new RefusedItems(problem, new OtlpError(text, reader.TokenStartIndex));
        _damage = _damage == ItemProblem.None ? problem : _damage;
        reader.Skip();
        return true;
    }

    private bool Fail(in Utf8JsonReader reader, string problem)
    {
        _error = new OtlpError(problem, reader.TokenStartIndex);
        return false;
    }

    private static string FirstSentence(string message) => message.Split(" LineNumber", 2)[0].TrimEnd('.');
}
