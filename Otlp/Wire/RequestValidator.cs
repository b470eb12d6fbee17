using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Otlp.Wire;

/// <summary>One pass over a request that proves its structure, so that later readers need not doubt it.</summary>
/// <remarks>
/// This runs over every byte position of every request that comes in. Tags and lengths of one byte, which nearly all
/// are, take the short way; a key-value pair with a scalar value, which is most of a span, is checked in one step.
/// </remarks>
internal ref partial struct RequestValidator
{
    private const int MaxVarintBytes = 10;
    private const int Bad = -1;
    private const int TraceIdLength = 16;
    private const int SpanIdLength = 8;

    private readonly ReadOnlySpan<byte> _data;
    private OtlpError _error;
    private RefusedItems? _refused;
    private ItemProblem _damage;
    private int _holders;

    public RequestValidator(ReadOnlySpan<byte> data) => _data = data;

    /// <summary>Items without those that are refused.</summary>
    public int ItemCount { get; private set; }

    public bool Run(Signal signal) => Message(0, _data.Length, (int)OtlpSchema.RequestOf(signal), 0);

    private bool Message(int position, int end, int kind, int depth)
    {
        var data = _data[..end];
        var rules = FieldRule.Table.AsSpan(kind * OtlpSchema.FieldLimit, OtlpSchema.FieldLimit);
        while ((uint)position < (uint)data.Length)
        {
            var start = position;
            uint tag = data[position++];
            if (tag >= 0x80 && (position = LongTag(start, end, out tag)) < 0)
            {
                return false;
            }

            var field = tag >> 3;
            var wire = (int)tag & FieldRule.WireMask;
            int rule = field < (uint)rules.Length ? rules[(int)field] : 0;
            if (rule == 0 || wire != (int)WireType.LengthDelimited)
            {
                if (rule != 0 && wire == (rule & FieldRule.WireMask))
                {
                    if (wire == (int)WireType.Fixed64 && data.Length - position >= sizeof(ulong))
                    {
                        position += sizeof(ulong);
                        continue;
                    }

                    if (wire == (int)WireType.Varint && (uint)position < (uint)data.Length && data[position] < 0x80)
                    {
                        position++;
                        continue;
                    }
                }

                if (rule != 0 && wire != (rule & FieldRule.WireMask) && !RefuseWireType(field, kind, wire, rule, start))
                {
                    return false;
                }

                position = Skip(start, position, end, tag, depth);
                if (position < 0)
                {
                    return false;
                }

                continue;
            }

            int length = (uint)position < (uint)data.Length ? data[position] : 0x80;
            if (length < 0x80)
            {
                position++;
            }
            else if ((position = LongLength(position, end, out length)) < 0)
            {
                return false;
            }

            if (length > data.Length - position)
            {
                return FailLength(field, kind, length, end - position, start);
            }

            var sound = (rule & FieldRule.CheckMask) switch
            {
                FieldRule.KeyValue => IsScalarKeyValue(data.Slice(position, length)),
                FieldRule.TraceId => length == TraceIdLength,
                FieldRule.SpanId => length == SpanIdLength,
                FieldRule.Plain => (rule & FieldRule.WireMask) == (int)WireType.LengthDelimited,
                _ => false,
            };
            if (!sound && !Value(rule, position, length, start, depth))
            {
                return false;
            }

            position += length;
        }

        return true;
    }

    /// <summary>Checks the content of a known, length-delimited field.</summary>
    private bool Value(int rule, int position, int length, int start, int depth)
    {
        switch (rule & FieldRule.CheckMask)
        {
            case FieldRule.Item:
            case FieldRule.Holder:
                return CheckHolder(rule, position, length, start, depth);
            case FieldRule.KeyValue:
            case FieldRule.Message:
                return Nested(rule, position, length, start, depth);
            case FieldRule.TraceId:
                return length is 0 or TraceIdLength || RefuseId("trace", length, TraceIdLength, start);
            case FieldRule.SpanId:
                return length is 0 or SpanIdLength || RefuseId("span", length, SpanIdLength, start);
            case FieldRule.PackedVarint:
                return PackedVarints(position, position + length);
            case FieldRule.PackedFixed64:
                return length % sizeof(ulong) == 0 || FailPacked(length, start);
            default:
                return (rule & FieldRule.WireMask) == (int)WireType.LengthDelimited
                    || RefuseContent(rule, start);
        }
    }

    /// <summary>Checks an item, or a message that holds items; where it cannot be represented, it alone is refused.</summary>
    private bool CheckHolder(int rule, int position, int length, int start, int depth)
    {
        var (outer, items, fields) = (_damage, ItemCount, _refused?.FieldOffsets.Count ?? 0);
        _damage = ItemProblem.None;
        _holders++;
        if ((rule & FieldRule.CheckMask) == FieldRule.Item)
        {
            ItemCount++;
        }

        if (!Nested(rule, position, length, start, depth))
        {
            return false;
        }

        if (_damage != ItemProblem.None)
        {
            Remove(start, items, fields);
        }

        _holders--;
        _damage = outer;
        return true;
    }

    private bool Nested(int rule, int position, int length, int start, int depth) =>
        depth < OtlpRequest.MaxDepth
            ? Message(position, position + length, rule >> FieldRule.MessageShift, depth + 1)
            : Refuse(ItemProblem.TooDeep, OtlpRequest.TooDeep, start);

    /// <summary>
    /// Whether the bytes are a key of less than 128 bytes and then a scalar value of less than 128 bytes, in that order.
    /// False says nothing: the general way decides then.
    /// </summary>
    private static bool IsScalarKeyValue(ReadOnlySpan<byte> pair)
    {
        const int KeyTag = (1 << 3) | (int)WireType.LengthDelimited;
        const int ValueTag = (2 << 3) | (int)WireType.LengthDelimited;
        if (pair.Length < 4 || pair[0] != KeyTag || pair[1] >= 0x80)
        {
            return false;
        }

        var at = pair[1] + 2;
        if (at + 1 >= pair.Length || pair[at] != ValueTag)
        {
            return false;
        }

        var value = pair[(at + 2)..];
        if (pair[at + 1] != value.Length || value.Length >= 0x80)
        {
            return false;
        }

        if (value.Length < 2)
        {
            return value.Length == 0;
        }

        return value[0] switch
        {
            (1 << 3) | (int)WireType.LengthDelimited => value[1] == value.Length - 2,
            (2 << 3) | (int)WireType.Varint or (3 << 3) | (int)WireType.Varint => IsOneVarint(value[1..]),
            (4 << 3) | (int)WireType.Fixed64 => value.Length == 1 + sizeof(ulong),
            _ => false,
        };
    }

    // Not empty: every byte but the last says that another follows.
    private static bool IsOneVarint(ReadOnlySpan<byte> number)
    {
        var last = number.Length - 1;
        for (var i = 0; i < last; i++)
        {
            if (number[i] < 0x80)
            {
                return false;
            }
        }

        return number[last] < 0x80 && last < MaxVarintBytes;
    }

    private int LongTag(int start, int end, out uint tag)
    {
        // Two bytes hold every field number that OTLP has, span flags among them.
        if (end - start >= 2 && _data[start] >= 0x80 && _data[start + 1] is var second and < 0x80)
        {
            tag = (_data[start] & 0x7FU) | ((uint)second << 7);
            return start + 2;
        }

        var position = Varint(start, end, out var value);
        tag = (uint)value;
        return position < 0 || value <= uint.MaxValue ? position : Fail("a field number is too large", start);
    }

    private int LongLength(int start, int end, out int length)
    {
        if (end - start >= 2 && _data[start + 1] is var second and < 0x80 && _data[start] >= 0x80)
        {
            length = (_data[start] & 0x7F) | (second << 7);
            return start + 2;
        }

        var position = Varint(start, end, out var value);
        length = (int)value;
        return position < 0 || value <= int.MaxValue ? position : FailImpossible(value, start);
    }

    private int Varint(int start, int end, out ulong value)
    {
        value = 0;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            if (start + i >= end)
            {
                return Fail("a number is cut off", start);
            }

            var part = _data[start + i];
            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                return start + i + 1;
            }
        }

        return Fail("a number is longer than 10 bytes", start);
    }

    private bool PackedVarints(int position, int end)
    {
        while (position < end)
        {
            position = Varint(position, end, out _);
            if (position < 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Passes over the value of a field: a number of known wire type, or anything unknown.</summary>
    private int Skip(int start, int position, int end, uint tag, int depth)
    {
        if (tag >> 3 == 0)
        {
            return Fail("field number 0 does not exist", start);
        }

        switch ((WireType)(tag & FieldRule.WireMask))
        {
            case WireType.Varint:
                return position < end && _data[position] < 0x80 ? position + 1 : Varint(position, end, out _);
            case WireType.Fixed64:
                return end - position >= sizeof(ulong) ? position + sizeof(ulong) : Fail("an 8-byte number is cut off", start);
            case WireType.Fixed32:
                return end - position >= sizeof(uint) ? position + sizeof(uint) : Fail("a 4-byte number is cut off", start);
            case WireType.LengthDelimited:
                position = LongLength(position, end, out var length);
                if (position < 0)
                {
                    return Bad;
                }

                return length <= end - position
                    ? position + length
                    : FailUnknown(tag, length, end - position, start);
            case WireType.StartGroup:
                return SkipGroup(start, position, end, tag >> 3, depth + 1);
            case WireType.EndGroup:
                return Fail("a group ends that did not begin", start);
            default:
                return FailNoWireType(tag, start);
        }
    }

    private int SkipGroup(int start, int position, int end, uint field, int depth)
    {
        if (depth > OtlpRequest.MaxDepth)
        {
            return Fail($"groups are nested more than {OtlpRequest.MaxDepth} deep", start);
        }

        while (position < end)
        {
            var inner = position;
            position = LongTag(inner, end, out var tag);
            if (position < 0)
            {
                return Bad;
            }

            if ((WireType)(tag & FieldRule.WireMask) == WireType.EndGroup)
            {
                return tag >> 3 == field ? position : Fail($"group {field} ends as group {tag >> 3}", inner);
            }

            position = Skip(inner, position, end, tag, depth);
            if (position < 0)
            {
                return Bad;
            }
        }

        return Fail($"group {field} does not end", start);
    }
}
