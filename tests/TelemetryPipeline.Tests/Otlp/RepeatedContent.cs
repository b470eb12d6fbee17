using Google.Protobuf;

namespace TelemetryPipeline.Tests.Otlp;

/// <summary>Makes requests that no encoder writes and every decoder must understand: what should be there once, twice.</summary>
internal static class RepeatedContent
{
    /// <summary>
    /// Puts the content of the first envelopes of two requests into one envelope: of the resources' envelopes at one
    /// level, of their scopes' envelopes at two. The other fields are left as they are.
    /// </summary>
    public static byte[] Join(byte[] first, byte[] second, int levels) => levels == 1
        ? Joined(first, second, field: 1, Both)
        : Joined(first, second, field: 1, static (a, b) => [0x0A, 0x00, .. Joined(a, b, field: 2, Both)]);

    // Begun with an empty resource or scope, so that it stands before everything else as encoders have it.
    private static byte[] Both(byte[] first, byte[] second) => [0x0A, 0x00, .. first, .. second];

    private static byte[] Joined(byte[] first, byte[] second, int field, Func<byte[], byte[], byte[]> join)
    {
        using var others = new MemoryStream();
        var a = Split(first, field, others);
        var b = Split(second, field, others);
        if (a is null || b is null)
        {
            return first;
        }

        using var output = new MemoryStream();
        using (var writer = new CodedOutputStream(output, leaveOpen: true))
        {
            writer.WriteTag(field, WireFormat.WireType.LengthDelimited);
            writer.WriteBytes(ByteString.CopyFrom(join(a, b)));
        }

        others.WriteTo(output);
        return output.ToArray();
    }

    // The content of the first field of a number; everything else goes to the others.
    private static byte[]? Split(byte[] message, int field, MemoryStream others)
    {
        byte[]? found = null;
        var reader = new CodedInputStream(message);
        using var writer = new CodedOutputStream(others, leaveOpen: true);
        for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            // Envelopes hold nothing but messages and texts.
            var content = reader.ReadBytes();
            if (found is null && WireFormat.GetTagFieldNumber(tag) == field)
            {
                found = content.ToByteArray();
                continue;
            }

            writer.WriteTag(tag);
            writer.WriteBytes(content);
        }

        return found;
    }
}
