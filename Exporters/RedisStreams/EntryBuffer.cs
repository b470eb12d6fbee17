using System.Buffers;
using System.Buffers.Text;
using System.Text;
using StackExchange.Redis;
using TelemetryPipeline.Exporters.Outbound;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>The fields of one entry, written one after the other into pooled memory that is used again for the next entry.</summary>
/// <remarks>Not thread-safe. Nothing is allocated once the memory has grown to the size of the largest entry.</remarks>
internal sealed class EntryBuffer : IDisposable
{
    private const int NumberLength = 32;

    private readonly PooledBuffer _bytes = new();

    // Where names and values end, alternating.
    private int[] _ends = new int[256];
    private int _count;

    /// <summary>Fields written.</summary>
    public int FieldCount => _count / 2;

    /// <summary>Where a value is written to, between its beginning and its <see cref="End"/>.</summary>
    public IBufferWriter<byte> Output => _bytes;

    /// <summary>Bytes of all names and values.</summary>
    public int Length => (int)_bytes.Length;

    /// <summary>The name of a field.</summary>
    /// <param name="field">0 to <see cref="FieldCount"/> - 1.</param>
    public ReadOnlyMemory<byte> Name(int field) => Part(2 * field);

    /// <summary>The value of a field.</summary>
    /// <param name="field">0 to <see cref="FieldCount"/> - 1.</param>
    public ReadOnlyMemory<byte> Value(int field) => Part((2 * field) + 1);

    /// <summary>Whether there is a field of that name.</summary>
    public bool Has(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < FieldCount; i++)
        {
            if (Name(i).Span.SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Forgets all fields.</summary>
    public void Clear()
    {
        _bytes.Clear();
        _count = 0;
    }

    /// <summary>Begins a field whose value is written to <see cref="Output"/>.</summary>
    public void Begin(ReadOnlySpan<byte> name)
    {
        _bytes.Write(name);
        EndPart();
    }

    /// <summary>Begins a field with a name in two parts.</summary>
    public void Begin(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name)
    {
        _bytes.Write(prefix);
        _bytes.Write(name);
        EndPart();
    }

    /// <summary>Ends the value of the field begun last.</summary>
    public void End() => EndPart();

    /// <summary>Adds a text.</summary>
    public void Text(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Begin(name);
        _bytes.Write(value);
        EndPart();
    }

    /// <summary>Adds a text that is not empty.</summary>
    public void TextIfAny(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            Text(name, value);
        }
    }

    /// <summary>Adds a number.</summary>
    public void Number(ReadOnlySpan<byte> name, long value)
    {
        Begin(name);
        Write(value);
        EndPart();
    }

    /// <summary>Adds a number.</summary>
    public void Number(ReadOnlySpan<byte> name, ulong value)
    {
        Begin(name);
        Write(value);
        EndPart();
    }

    /// <summary>Adds a number.</summary>
    public void Number(ReadOnlySpan<byte> name, double value)
    {
        Begin(name);
        Write(value);
        EndPart();
    }

    /// <summary>Adds a trace id in hex; nothing where it is 0.</summary>
    public void TraceId(ReadOnlySpan<byte> name, ulong high, ulong low)
    {
        if ((high | low) != 0)
        {
            Begin(name);
            WriteHex(high);
            WriteHex(low);
            EndPart();
        }
    }

    /// <summary>Adds a span id in hex; nothing where it is 0.</summary>
    public void SpanId(ReadOnlySpan<byte> name, ulong id)
    {
        if (id != 0)
        {
            Begin(name);
            WriteHex(id);
            EndPart();
        }
    }

    /// <summary>Adds 128 bits in hex.</summary>
    public void Hash(ReadOnlySpan<byte> name, UInt128 value)
    {
        Begin(name);
        WriteHex((ulong)(value >> 64));
        WriteHex((ulong)value);
        EndPart();
    }

    /// <summary>Writes into the value begun last.</summary>
    public void Write(ReadOnlySpan<byte> text) => _bytes.Write(text);

    /// <summary>Writes into the value begun last.</summary>
    public void Write(long value)
    {
        Utf8Formatter.TryFormat(value, _bytes.GetSpan(NumberLength), out var length);
        _bytes.Advance(length);
    }

    /// <summary>Writes into the value begun last.</summary>
    public void Write(ulong value)
    {
        Utf8Formatter.TryFormat(value, _bytes.GetSpan(NumberLength), out var length);
        _bytes.Advance(length);
    }

    /// <summary>Writes into the value begun last; the shortest form that reads back as the same number.</summary>
    public void Write(double value)
    {
        Utf8Formatter.TryFormat(value, _bytes.GetSpan(NumberLength), out var length);
        _bytes.Advance(length);
    }

    /// <summary>Writes into the value begun last, 16 digits.</summary>
    public void WriteHex(ulong value)
    {
        Utf8Formatter.TryFormat(value, _bytes.GetSpan(NumberLength), out var length, new StandardFormat('x', 2 * sizeof(ulong)));
        _bytes.Advance(length);
    }

    /// <summary>Writes the whole text into the value begun last.</summary>
    public void Write(string text) => _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));

    /// <summary>Adds all fields of another buffer.</summary>
    public void Append(EntryBuffer other)
    {
        var start = (int)_bytes.Length;
        _bytes.Write(other._bytes.Written.Span);
        for (var i = 0; i < other._count; i++)
        {
            Add(start + other._ends[i]);
        }
    }

    /// <summary>Puts names and values into the arguments of a command.</summary>
    /// <param name="arguments">At least twice <see cref="FieldCount"/>.</param>
    public void CopyTo(Span<RedisKeyOrValue> arguments)
    {
        for (var i = 0; i < _count; i++)
        {
            arguments[i] = (RedisValue)Part(i);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();

    private ReadOnlyMemory<byte> Part(int part)
    {
        var start = part == 0 ? 0 : _ends[part - 1];
        return _bytes.Written[start.._ends[part]];
    }

    private void EndPart() => Add((int)_bytes.Length);

    private void Add(int end)
    {
        if (_count == _ends.Length)
        {
            Array.Resize(ref _ends, 2 * _count);
        }

        _ends[_count++] = end;
    }
}
