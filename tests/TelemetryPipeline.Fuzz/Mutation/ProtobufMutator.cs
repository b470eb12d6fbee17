namespace TelemetryPipeline.Fuzz.Mutation;

/// <summary>
/// Changes fields of a protobuf message and keeps the lengths around them right, so that a change deep inside is still
/// read. What cannot be a message is taken for text.
/// </summary>
internal sealed class ProtobufMutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int DepthMax = 12;
    private const int VarintBytesMax = 10;

    private static readonly ulong[] Numbers =
        [0, 1, 2, 127, 128, int.MaxValue, uint.MaxValue, long.MaxValue, 1UL << 63, ulong.MaxValue];

    private readonly record struct Field(int Start, int Value, int End, ulong Tag);

    /// <summary>Changes one field.</summary>
    /// <param name="made">The input.</param>
    /// <param name="start">Where the message begins in it.</param>
    /// <param name="other">Another message.</param>
    public void Mutate(List<byte> made, int start, byte[] other)
    {
        start = Math.Min(start, made.Count);
        var message = made.GetRange(start, made.Count - start).ToArray();
        var changed = Change(message, other, 0);
        made.RemoveRange(start, made.Count - start);
        made.AddRange(changed);
    }

    private byte[] Change(byte[] message, byte[] other, int depth)
    {
        var fields = Fields(message);
        if (fields.Count == 0)
        {
            var bytes = new List<byte>(message);
            new ByteMutator(random, words).Mutate(bytes, other);
            return [.. bytes];
        }

        var chosen = fields[random.Next(fields.Count)];
        var nested = message[chosen.Value..chosen.End];
        if ((chosen.Tag & 7) == 2 && depth < DepthMax && random.Next(5) != 0)
        {
            return Replace(message, chosen, Delimited(chosen.Tag, Change(nested, other, depth + 1)));
        }

        return random.Next(7) switch
        {
            0 => Replace(message, chosen, []),
            1 => [.. message, .. message[chosen.Start..chosen.End]],
            2 => Replace(message, chosen, [.. message[chosen.Start..chosen.End], .. message[chosen.Start..chosen.End]]),
            3 => Replace(message, chosen, Retagged(chosen, message)),
            4 => Replace(message, chosen, Random(chosen.Tag)),
            5 when Fields(other) is { Count: > 0 } foreign => [.. message, .. Part(other, foreign[random.Next(foreign.Count)])],
            _ => Replace(message, chosen, WrongLength(chosen, nested)),
        };
    }

    private static byte[] Part(byte[] message, Field field) => message[field.Start..field.End];

    private static byte[] Replace(byte[] message, Field field, byte[] by) => [.. message[..field.Start], .. by, .. message[field.End..]];

    private byte[] Retagged(Field field, byte[] message)
    {
        var tag = ((ulong)random.Next(1, 20) << 3) | (random.Next(3) == 0 ? (ulong)random.Next(8) : field.Tag & 7);
        var body = message[field.Value..field.End];
        return (tag & 7) == 2 ? Delimited(tag, body) : [.. Varint(tag), .. body];
    }

    private byte[] Random(ulong tag)
    {
        switch (tag & 7)
        {
            case 0:
                return [.. Varint(tag), .. Varint(Numbers[random.Next(Numbers.Length)])];
            case 1:
                return [.. Varint(tag), .. BitConverter.GetBytes(Numbers[random.Next(Numbers.Length)])];
            case 5:
                return [.. Varint(tag), .. BitConverter.GetBytes((uint)Numbers[random.Next(Numbers.Length)])];
            default:
                var text = words.Count > 0 && random.Next(2) == 0 ? words[random.Next(words.Count)] : new byte[random.Next(40)];
                return Delimited(tag, text);
        }
    }

    private byte[] WrongLength(Field field, byte[] content) => (field.Tag & 7) == 2
        ? [.. Varint(field.Tag), .. Varint((ulong)Math.Max(0, content.Length + random.Next(-3, 4))), .. content]
        : [.. Varint(field.Tag), 0x80, .. content];

    private static byte[] Delimited(ulong tag, byte[] content) => [.. Varint(tag), .. Varint((ulong)content.Length), .. content];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>(VarintBytesMax);
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static List<Field> Fields(byte[] message)
    {
        var fields = new List<Field>();
        for (var at = 0; at < message.Length;)
        {
            var start = at;
            if (!TryVarint(message, ref at, out var tag) || tag >> 3 == 0)
            {
                break;
            }

            var value = at;
            var length = 0UL;
            var fits = (tag & 7) switch
            {
                0 => TryVarint(message, ref at, out _),
                1 => (at += 8) <= message.Length,
                5 => (at += 4) <= message.Length,
                2 => TryVarint(message, ref at, out length) && length <= (ulong)(message.Length - at),
                _ => false,
            };
            if (!fits)
            {
                break;
            }

            if ((tag & 7) == 2)
            {
                value = at;
                at += (int)length;
            }

            fields.Add(new Field(start, value, at, tag));
        }

        return fields;
    }

    private static bool TryVarint(byte[] message, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; at < message.Length && shift < 7 * VarintBytesMax; shift += 7)
        {
            var b = message[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
