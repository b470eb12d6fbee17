using System.Buffers.Binary;
using System.Text;
using TelemetryPipeline.Otlp.Json;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// Writes an export request field by field, for components that make telemetry of their own. Field numbers are those of
/// OTLP's <c>.proto</c> files.
/// </summary>
/// <remarks>Pooled memory; not thread-safe. Either <see cref="Finish"/> or <see cref="Dispose"/> ends it.</remarks>
public sealed class OtlpRequestBuilder : IDisposable
{
    private MessageBuffer _buffer;
    private bool _ended;

    /// <summary>A builder of an empty request.</summary>
    /// <param name="expectedSizeBytes">What the request will about take, in bytes.</param>
    public OtlpRequestBuilder(int expectedSizeBytes = 4096) => _buffer = new MessageBuffer(expectedSizeBytes);

    /// <summary>Bytes written so far.</summary>
    public int Length => _buffer.Length;

    /// <summary>Begins a nested message.</summary>
    /// <param name="field">Its field number.</param>
    /// <returns>What <see cref="End"/> needs.</returns>
    public int Begin(int field) => _buffer.Begin(field);

    /// <summary>Ends the message begun last.</summary>
    /// <param name="start">What its <see cref="Begin"/> returned.</param>
    public void End(int start) => _buffer.End(start);

    /// <summary>Writes a text or bytes field.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="content">The content; text in UTF-8.</param>
    public void Bytes(int field, ReadOnlySpan<byte> content)
    {
        _buffer.Tag(field, WireType.LengthDelimited);
        _buffer.Varint((uint)content.Length);
        content.CopyTo(_buffer.Span(content.Length));
        _buffer.Advance(content.Length);
    }

    /// <summary>Writes a text field.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="text">The text.</param>
    public void Text(int field, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        _buffer.Tag(field, WireType.LengthDelimited);
        _buffer.Varint((uint)length);
        Encoding.UTF8.GetBytes(text, _buffer.Span(length));
        _buffer.Advance(length);
    }

    /// <summary>Writes a varint field: an unsigned or enumerated number, or a boolean.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="value">The value.</param>
    public void Varint(int field, ulong value)
    {
        _buffer.Tag(field, WireType.Varint);
        _buffer.Varint(value);
    }

    /// <summary>Writes a fixed64 field, such as a time.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="value">The value.</param>
    public void Fixed64(int field, ulong value)
    {
        _buffer.Tag(field, WireType.Fixed64);
        _buffer.Fixed64(value);
    }

    /// <summary>Writes a double field.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="value">The value.</param>
    public void Double(int field, double value) => Fixed64(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes a packed list of fixed64 numbers.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="values">The numbers.</param>
    public void PackedFixed64(int field, ReadOnlySpan<ulong> values)
    {
        _buffer.Tag(field, WireType.LengthDelimited);
        _buffer.Varint((uint)values.Length * sizeof(ulong));
        foreach (var value in values)
        {
            _buffer.Fixed64(value);
        }
    }

    /// <summary>Writes a packed list of doubles.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="values">The numbers.</param>
    public void PackedDouble(int field, ReadOnlySpan<double> values)
    {
        _buffer.Tag(field, WireType.LengthDelimited);
        _buffer.Varint((uint)values.Length * sizeof(double));
        foreach (var value in values)
        {
            _buffer.Fixed64(BitConverter.DoubleToUInt64Bits(value));
        }
    }

    /// <summary>Writes an attribute with a text as its value.</summary>
    /// <param name="field">The field number of the list of attributes.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="text">The value in UTF-8.</param>
    public void TextAttribute(int field, ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        var attribute = Begin(field);
        Bytes(1, key);
        var value = Begin(2);
        Bytes((int)AnyValueKind.Text, text);
        End(value);
        End(attribute);
    }

    /// <summary>Writes an attribute with true or false as its value.</summary>
    /// <param name="field">The field number of the list of attributes.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value.</param>
    public void BoolAttribute(int field, ReadOnlySpan<byte> key, bool value)
    {
        var attribute = Begin(field);
        Bytes(1, key);
        var inner = Begin(2);
        Varint((int)AnyValueKind.Bool, value ? 1u : 0u);
        End(inner);
        End(attribute);
    }

    /// <summary>Writes an id in its big-endian form; nothing where it is 0, which stands for a missing one.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="high">First 8 bytes of a trace id.</param>
    /// <param name="low">Last 8 bytes of a trace id.</param>
    public void TraceId(int field, ulong high, ulong low)
    {
        if ((high | low) != 0)
        {
            Span<byte> id = stackalloc byte[2 * sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(id, high);
            BinaryPrimitives.WriteUInt64BigEndian(id[sizeof(ulong)..], low);
            Bytes(field, id);
        }
    }

    /// <summary>Writes an id in its big-endian form; nothing where it is 0, which stands for a missing one.</summary>
    /// <param name="field">The field number.</param>
    /// <param name="id">The span id.</param>
    public void SpanId(int field, ulong id)
    {
        if (id != 0)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
            Bytes(field, bytes);
        }
    }

    /// <summary>The request as a chunk with one reference, the caller's. The builder is used up.</summary>
    /// <param name="signal">What the request carries.</param>
    /// <param name="itemCount">Spans, data points or log records written.</param>
    public OtlpChunk Finish(Signal signal, int itemCount)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        var written = _buffer.Written;
        var rented = PinnedArrayPool.Process.Rent(Math.Max(written.Length, 1));
        var length = written.Length;
        written.CopyTo(rented);
        Dispose();
        return OtlpChunk.FromRented(signal, rented, length, itemCount);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            _buffer.Release();
        }
    }
}
