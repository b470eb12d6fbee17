using System.Collections;
using System.Text;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>Generates export requests with every field that the oracle's messages have, edge values included.</summary>
/// <remarks>Fields come from the messages' descriptors, so a field added to a <c>.proto</c> is generated at once.</remarks>
public static class OtlpGenerators
{
    private const int MaxValueDepth = 4;
    private const int KeyVariety = 6;

    /// <summary>Requests of one signal. A seed gives the same request again.</summary>
    public static Gen<IMessage> Request(Signal signal) => Gen.Int.Select(seed => Request(signal, seed));

    /// <summary>Any signal with a request of it.</summary>
    public static Gen<(Signal Signal, IMessage Request)> AnyRequest { get; } =
        Gen.Select(Gen.Int[0, SignalNames.Count - 1], Gen.Int, (signal, seed) => ((Signal)signal, Request((Signal)signal, seed)));

    /// <summary>The request of a seed.</summary>
    public static IMessage Request(Signal signal, int seed)
    {
        var request = OtlpPayloads.Empty(signal);
        Fill(request, new Random(seed), 0);
        return request;
    }

    private static void Fill(IMessage message, Random random, int valueDepth)
    {
        foreach (var oneof in message.Descriptor.Oneofs)
        {
            var choice = oneof.Fields[random.Next(oneof.Fields.Count)];
            if (random.Next(8) != 0)
            {
                choice.Accessor.SetValue(message, Value(message, choice, random, valueDepth));
            }
        }

        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.RealContainingOneof is not null || random.Next(4) == 0)
            {
                continue;
            }

            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (var i = random.Next(4); i > 0; i--)
                {
                    list.Add(Value(message, field, random, valueDepth));
                }
            }
            else
            {
                field.Accessor.SetValue(message, Value(message, field, random, valueDepth));
            }
        }
    }

    private static object Value(IMessage message, FieldDescriptor field, Random random, int valueDepth) => field.FieldType switch
    {
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 or FieldType.SInt32 => Pick(random, 0, 1, -1, int.MaxValue, int.MinValue, random.Next()),
        FieldType.UInt32 or FieldType.Fixed32 => Pick(random, 0u, 1u, uint.MaxValue, (uint)random.Next()),
        FieldType.Int64 or FieldType.SFixed64 => Pick(random, 0L, -1L, long.MaxValue, long.MinValue, random.NextInt64()),
        FieldType.UInt64 or FieldType.Fixed64 => Pick(random, 0UL, 127UL, 128UL, ulong.MaxValue, (ulong)random.NextInt64()),

        // Without -0.0: the oracle's C# writer leaves it out where a field has no presence.
        FieldType.Double => Pick(
            random, 0d, 1.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon,
            double.MaxValue, random.NextDouble()),
        FieldType.Enum => Enum.ToObject(
            field.EnumType.ClrType, random.Next(16) == 0 ? 77 : Pick(random, [.. Numbers(field.EnumType)])),
        FieldType.String => field.Name == "key" ? "k" + random.Next(KeyVariety) : Text(random),
        FieldType.Bytes => Bytes(field.Name, random),
        FieldType.Message => Nested(message, field, random, valueDepth),
        _ => throw new NotSupportedException(field.FullName),
    };

    private static IMessage Nested(IMessage parent, FieldDescriptor field, Random random, int valueDepth)
    {
        var nested = (IMessage)Activator.CreateInstance(field.MessageType.ClrType)!;
        var isValue = parent.Descriptor.Name is "ArrayValue" or "KeyValueList";
        if (!isValue || valueDepth < MaxValueDepth)
        {
            Fill(nested, random, valueDepth + (isValue ? 1 : 0));
        }

        return nested;
    }

    private static ByteString Bytes(string field, Random random)
    {
        var length = field switch
        {
            "trace_id" => 16,
            "span_id" or "parent_span_id" => 8,
            _ => random.Next(40),
        };
        var bytes = new byte[random.Next(8) == 0 ? 0 : length];
        random.NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }

    private static string Text(Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                return "";
            case 1:
                return new string('x', random.Next(100, 300));
            case 2:
                return "\"\\/\b\f\n\r\t\u0001\u00e9\u4e2d\ud83d\ude00<>&'";
            default:
                var text = new StringBuilder();
                for (var i = random.Next(20); i >= 0; i--)
                {
                    text.Append((char)random.Next(' ', '~'));
                }

                return text.ToString();
        }
    }

    private static IEnumerable<int> Numbers(EnumDescriptor type)
    {
        foreach (var value in type.Values)
        {
            yield return value.Number;
        }
    }

    private static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];
}
