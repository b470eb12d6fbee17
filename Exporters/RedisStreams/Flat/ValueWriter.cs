using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.RedisStreams.Flat;

/// <summary>Writes values of attributes as text; lists as JSON, by a writer that is used again.</summary>
internal sealed class ValueWriter : IDisposable
{
    // Read by people in redis-cli, never put into a page: escaping letters would only hide them.
    private static readonly JsonWriterOptions Options =
        new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Utf8JsonWriter _json = new(Stream.Null, Options);

    /// <summary>Writes a value into the field that was begun.</summary>
    public void Write(AnyValueView value, EntryBuffer entry)
    {
        if (value.Kind is not (AnyValueKind.Array or AnyValueKind.KeyValueList))
        {
            value.WriteText(entry.Output);
            return;
        }

        _json.Reset(entry.Output);
        WriteJson(value);
        _json.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void WriteJson(AnyValueView value)
    {
        switch (value.Kind)
        {
            case AnyValueKind.Text when Utf8.IsValid(value.Text):
                _json.WriteStringValue(value.Text);
                break;
            case AnyValueKind.Text:
                _json.WriteStringValue(Encoding.UTF8.GetString(value.Text));
                break;
            case AnyValueKind.Bool:
                _json.WriteBooleanValue(value.Bool);
                break;
            case AnyValueKind.Int:
                _json.WriteNumberValue(value.Int);
                break;
            case AnyValueKind.Double when double.IsFinite(value.Double):
                _json.WriteNumberValue(value.Double);
                break;
            case AnyValueKind.Double:
                _json.WriteStringValue(double.IsNaN(value.Double) ? "NaN"u8 : value.Double > 0 ? "Infinity"u8 : "-Infinity"u8);
                break;
            case AnyValueKind.Bytes:
                _json.WriteBase64StringValue(value.Bytes);
                break;
            case AnyValueKind.Array:
                _json.WriteStartArray();
                foreach (var element in value.Elements)
                {
                    WriteJson(element);
                }

                _json.WriteEndArray();
                break;
            case AnyValueKind.KeyValueList:
                _json.WriteStartObject();
                foreach (var entry in value.Entries)
                {
                    WriteName(entry.Key);
                    WriteJson(entry.Value);
                }

                _json.WriteEndObject();
                break;
            default:
                _json.WriteNullValue();
                break;
        }
    }

    private void WriteName(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
        {
            _json.WritePropertyName(name);
        }
        else
        {
            _json.WritePropertyName(Encoding.UTF8.GetString(name));
        }
    }
}
