using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>Reads an attribute's value from a configuration, which gives it its type.</summary>
internal static class ConstantValue
{
    // AnyValue: string_value = 1, bool_value = 2, int_value = 3, double_value = 4.
    private const byte TextTag = (1 << 3) | 2;
    private const byte BoolTag = 2 << 3;
    private const byte IntTag = 3 << 3;
    private const byte DoubleTag = (4 << 3) | 1;

    /// <summary>Reads a text, number or boolean.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key.</param>
    /// <returns>An encoded <c>AnyValue</c>; null where the key is absent or null.</returns>
    public static byte[]? Read(ConfigSection section, string key)
    {
        switch (section.Node(key))
        {
            case null:
                return null;
            case ConfigScalar { Kind: ScalarKind.Bool } scalar:
                return [BoolTag, scalar.Text.Equals("true", StringComparison.OrdinalIgnoreCase) ? (byte)1 : (byte)0];
            case ConfigScalar { Kind: ScalarKind.Int } scalar when long.TryParse(
                scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole):
                return [IntTag, .. Varint((ulong)whole)];
            case ConfigScalar { Kind: ScalarKind.Float } scalar when double.TryParse(
                scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real):
                var bytes = new byte[1 + sizeof(double)];
                bytes[0] = DoubleTag;
                BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(1), real);
                return bytes;
            case ConfigScalar scalar:
                var text = Encoding.UTF8.GetBytes(scalar.Text);
                return [TextTag, .. Varint((ulong)text.Length), .. text];
            case { } node:
                section.Error(key, $"must be a string, a number or a boolean, got {ConfigSection.Describe(node)}");
                return null;
        }
    }

    private static List<byte> Varint(ulong number)
    {
        var bytes = new List<byte>();
        while (number >= 0x80)
        {
            bytes.Add((byte)(number | 0x80));
            number >>= 7;
        }

        bytes.Add((byte)number);
        return bytes;
    }
}
