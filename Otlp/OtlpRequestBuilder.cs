using System.Buffers.Binary;
using System.Text;
using TelemetryPipeline.Otlp.Json;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Writes an export request field by field, for components that produce telemetry.</summary>
/// <remarks>Uses pooled memory until <see cref="Finish"/> or <see cref="Dispose"/>. Not thread-safe.</remarks>
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
    /// <param name="field">Its field.</param>
    /// <returns>The argument for <see cref="EndMessage"/>.</returns>
    public int BeginMessage(OtlpField field) => _buffer.Begin(field.Number);

    /// <summary>Ends the message begun last.</summary>
    /// <param name="start">The result of its <see cref="BeginMessage"/>.</param>
    public void EndMessage(int start) => _buffer.End(start);

    /// <summary>Writes a text, bytes or an encoded message.</summary>
    /// <param name="field">The field.</param>
    /// <param name="content">The content; text in UTF-8.</param>
    public void WriteBytes(OtlpField field, ReadOnlySpan<byte> content)
    {
        _buffer.Tag(field.Number, WireType.LengthDelimited);
        _buffer.Varint((uint)content.Length);
        content.CopyTo(_buffer.Span(content.Length));
        _buffer.Advance(content.Length);
    }

    /// <summary>Writes a text.</summary>
    /// <param name="field">The field.</param>
    /// <param name="text">The text.</param>
    public void WriteText(OtlpField field, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        _buffer.Tag(field.Number, WireType.LengthDelimited);
        _buffer.Varint((uint)length);
        Encoding.UTF8.GetBytes(text, _buffer.Span(length));
        _buffer.Advance(length);
    }

    /// <summary>Writes a varint: an unsigned or enumerated number, or a boolean.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The value.</param>
    public void WriteVarint(OtlpField field, ulong value)
    {
        _buffer.Tag(field.Number, WireType.Varint);
        _buffer.Varint(value);
    }

    /// <summary>Writes a fixed64, such as a time.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The value.</param>
    public void WriteFixed64(OtlpField field, ulong value)
    {
        _buffer.Tag(field.Number, WireType.Fixed64);
        _buffer.Fixed64(value);
    }

    /// <summary>Writes a double.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The value.</param>
    public void WriteDouble(OtlpField field, double value) => WriteFixed64(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes a packed list of fixed64 numbers.</summary>
    /// <param name="field">The field.</param>
    /// <param name="values">The numbers.</param>
    public void WritePackedFixed64(OtlpField field, ReadOnlySpan<ulong> values)
    {
        _buffer.Tag(field.Number, WireType.LengthDelimited);
        _buffer.Varint((uint)values.Length * sizeof(ulong));
        foreach (var value in values)
        {
            _buffer.Fixed64(value);
        }
    }

    /// <summary>Writes a packed list of doubles.</summary>
    /// <param name="field">The field.</param>
    /// <param name="values">The numbers.</param>
    public void WritePackedDouble(OtlpField field, ReadOnlySpan<double> values)
    {
        _buffer.Tag(field.Number, WireType.LengthDelimited);
        _buffer.Varint((uint)values.Length * sizeof(double));
        foreach (var value in values)
        {
            _buffer.Fixed64(BitConverter.DoubleToUInt64Bits(value));
        }
    }

    /// <summary>Begins an attribute; its value is the one field of <see cref="OtlpFields.AnyValue"/> written next.</summary>
    /// <param name="field">The attributes, or the entries of a map.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <returns>The argument for <see cref="EndAttribute"/>.</returns>
    public (int Attribute, int Value) BeginAttribute(OtlpField field, ReadOnlySpan<byte> key)
    {
        var attribute = BeginMessage(field);
        WriteBytes(OtlpFields.KeyValue.Key, key);
        return (attribute, BeginMessage(OtlpFields.KeyValue.Value));
    }

    /// <summary>Ends the attribute begun last.</summary>
    /// <param name="start">The result of its <see cref="BeginAttribute"/>.</param>
    public void EndAttribute((int Attribute, int Value) start)
    {
        EndMessage(start.Value);
        EndMessage(start.Attribute);
    }

    /// <summary>Writes an attribute with a text value.</summary>
    /// <param name="field">The attributes, or the entries of a map.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="text">The value in UTF-8.</param>
    public void WriteAttribute(OtlpField field, ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        var start = BeginAttribute(field, key);
        WriteBytes(OtlpFields.AnyValue.Text, text);
        EndAttribute(start);
    }

    /// <summary>Writes an attribute with a text value.</summary>
    /// <param name="field">The attributes, or the entries of a map.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="text">The value.</param>
    public void WriteAttribute(OtlpField field, ReadOnlySpan<byte> key, string text)
    {
        var start = BeginAttribute(field, key);
        WriteText(OtlpFields.AnyValue.Text, text);
        EndAttribute(start);
    }

    /// <summary>Writes an attribute with a boolean value.</summary>
    /// <param name="field">The attributes, or the entries of a map.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value.</param>
    public void WriteAttribute(OtlpField field, ReadOnlySpan<byte> key, bool value)
    {
        var start = BeginAttribute(field, key);
        WriteVarint(OtlpFields.AnyValue.Bool, value ? 1u : 0u);
        EndAttribute(start);
    }

    /// <summary>Writes an attribute with an integer value.</summary>
    /// <param name="field">The attributes, or the entries of a map.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value.</param>
    public void WriteAttribute(OtlpField field, ReadOnlySpan<byte> key, long value)
    {
        var start = BeginAttribute(field, key);
        WriteVarint(OtlpFields.AnyValue.Int, unchecked((ulong)value));
        EndAttribute(start);
    }

    /// <summary>Writes a trace id in its big-endian form; nothing for 0, the missing id.</summary>
    /// <param name="field">The field.</param>
    /// <param name="high">First 8 bytes.</param>
    /// <param name="low">Last 8 bytes.</param>
    public void WriteTraceId(OtlpField field, ulong high, ulong low)
    {
        if ((high | low) != 0)
        {
            Span<byte> id = stackalloc byte[2 * sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(id, high);
            BinaryPrimitives.WriteUInt64BigEndian(id[sizeof(ulong)..], low);
            WriteBytes(field, id);
        }
    }

    /// <summary>Writes a span id in its big-endian form; nothing for 0, the missing id.</summary>
    /// <param name="field">The field.</param>
    /// <param name="id">The span id.</param>
    public void WriteSpanId(OtlpField field, ulong id)
    {
        if (id != 0)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
            WriteBytes(field, bytes);
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
