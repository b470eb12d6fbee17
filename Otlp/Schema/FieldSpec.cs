using System.Text;
using System.Text.Json;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Schema;

/// <summary>One field of a message, as published in OTLP's <c>.proto</c> files.</summary>
internal sealed class FieldSpec
{
    /// <summary>Describes a field.</summary>
    /// <param name="number">Its number, below <see cref="OtlpSchema.FieldLimit"/>.</param>
    /// <param name="name">Its name in the <c>.proto</c>, snake_case.</param>
    /// <param name="kind">Its type.</param>
    public FieldSpec(int number, string name, FieldKind kind)
    {
        Number = number;
        Kind = kind;
        SnakeName = Encoding.UTF8.GetBytes(name);
        var camel = CamelCase(name);
        CamelName = Encoding.UTF8.GetBytes(camel);
        JsonName = JsonEncodedText.Encode(camel);
    }

    public int Number { get; }

    public FieldKind Kind { get; }

    public byte[] SnakeName { get; }

    public byte[] CamelName { get; }

    public JsonEncodedText JsonName { get; }

    public bool Repeated { get; init; }

    /// <summary>The type of a <see cref="FieldKind.Message"/> field.</summary>
    public MessageKind Message { get; init; }

    /// <summary>Whether an element can be refused alone: see <see cref="OtlpSchema.IsHolder"/>.</summary>
    public bool IsHolder => OtlpSchema.IsHolder(Message);

    /// <summary>The names of a <see cref="FieldKind.Named"/> field's values, indexed by value.</summary>
    public string[] EnumNames { get; init; } = [];

    /// <summary>Whether the field belongs to its message's (only) <c>oneof</c>: setting it clears the others.</summary>
    public bool InOneof { get; init; }

    /// <summary>The wire type of one element.</summary>
    public WireType ElementWireType => Kind switch
    {
        FieldKind.Fixed32 => WireType.Fixed32,
        FieldKind.Fixed64 or FieldKind.SFixed64 or FieldKind.Float64 => WireType.Fixed64,
        FieldKind.Text or FieldKind.Bytes or FieldKind.TraceId or FieldKind.SpanId or FieldKind.Message
            => WireType.LengthDelimited,
        _ => WireType.Varint,
    };

    /// <summary>Whether elements are written packed: repeated numbers are, in proto3.</summary>
    public bool Packed => Repeated && ElementWireType != WireType.LengthDelimited;

    private static string CamelCase(string snake)
    {
        var camel = new StringBuilder(snake.Length);
        for (var i = 0; i < snake.Length; i++)
        {
            if (snake[i] == '_')
            {
                camel.Append(char.ToUpperInvariant(snake[++i]));
            }
            else
            {
                camel.Append(snake[i]);
            }
        }

        return camel.ToString();
    }
}
