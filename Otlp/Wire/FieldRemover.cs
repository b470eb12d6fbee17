namespace TelemetryPipeline.Otlp.Wire;

/// <summary>Removes fields from a validated message, in place: lengths only get shorter, so what is kept moves to the front.</summary>
internal ref struct FieldRemover
{
    private readonly Span<byte> _data;
    private readonly List<int> _offsets;
    private int _next;

    private FieldRemover(Span<byte> data, List<int> offsets)
    {
        _data = data;
        _offsets = offsets;
    }

    /// <summary>Removes fields.</summary>
    /// <param name="message">The message.</param>
    /// <param name="offsets">Where the fields begin, ascending; none is inside another.</param>
    /// <returns>The message's new length.</returns>
    public static int Remove(Span<byte> message, List<int> offsets)
    {
        var remover = new FieldRemover(message, offsets);
        return remover.Compact(0, message.Length);
    }

    /// <summary>Compacts a message to its own start.</summary>
    /// <returns>Its new end.</returns>
    private int Compact(int start, int end)
    {
        var target = start;
        var fields = new WireReader(_data, start, end - start);
        while (fields.Next())
        {
            var offset = fields.FieldOffset;
            if (_next == _offsets.Count || _offsets[_next] >= fields.Position)
            {
                target = Move(offset, fields.Position, target);
            }
            else if (_offsets[_next] == offset)
            {
                _next++;
            }
            else
            {
                var value = fields.ValueOffset;
                var valueEnd = Compact(value, fields.Position);
                target += WireWriter.WriteVarint(_data[target..], WireWriter.Tag(fields.Field, WireType.LengthDelimited));
                target += WireWriter.WriteVarint(_data[target..], (uint)(valueEnd - value));
                target = Move(value, valueEnd, target);
            }
        }

        return target;
    }

    private readonly int Move(int start, int end, int target)
    {
        _data[start..end].CopyTo(_data[target..]);
        return target + end - start;
    }
}
