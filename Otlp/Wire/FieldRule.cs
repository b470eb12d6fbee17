using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Otlp.Wire;

/// <summary>
/// What validation must know of a field, in 16 bits so that all messages together fill 2.2 KB: bits 0 to 2 the wire
/// type of an element, bits 3 to 6 the check, bits 8 to 15 the nested message. 0 stands for an unknown field.
/// </summary>
internal static class FieldRule
{
    public const int Plain = 1 << 3;
    public const int Message = 2 << 3;
    public const int Item = 3 << 3;
    public const int KeyValue = 4 << 3;
    public const int TraceId = 5 << 3;
    public const int SpanId = 6 << 3;
    public const int PackedVarint = 7 << 3;
    public const int PackedFixed64 = 8 << 3;
    public const int Holder = 9 << 3;
    public const int CheckMask = 15 << 3;
    public const int WireMask = 7;
    public const int MessageShift = 8;

    /// <summary>The rules of all messages: message kind * <see cref="OtlpSchema.FieldLimit"/> + field number.</summary>
    public static readonly ushort[] Table = Build();

    private static ushort[] Build()
    {
        var table = new ushort[OtlpSchema.Messages.Length * OtlpSchema.FieldLimit];
        foreach (var message in OtlpSchema.Messages)
        {
            foreach (var field in message.Fields)
            {
                table[((int)message.Kind * OtlpSchema.FieldLimit) + field.Number] = (ushort)(
                    (int)field.ElementWireType | CheckOf(field) | ((int)field.Message << MessageShift));
            }
        }

        return table;
    }

    private static int CheckOf(FieldSpec field) => field.Kind switch
    {
        FieldKind.TraceId => TraceId,
        FieldKind.SpanId => SpanId,
        FieldKind.Message when OtlpSchema.IsItem(field.Message) => Item,
        FieldKind.Message when OtlpSchema.IsHolder(field.Message) => Holder,
        FieldKind.Message when field.Message == MessageKind.KeyValue => KeyValue,
        FieldKind.Message => Message,
        _ when field.Packed => field.ElementWireType == WireType.Varint ? PackedVarint : PackedFixed64,
        _ => Plain,
    };
}
