using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <content>Reading and changing fields other than attributes.</content>
public sealed partial class OtlpView
{
    private const int SpanStatusField = 15;

    /// <summary>The name of a span, scope or metric, or the event name of a log record, in UTF-8; empty for other nodes.</summary>
    /// <param name="node">The node's index.</param>
    public ReadOnlySpan<byte> Name(int node) => Text(node, NameField(node));

    /// <summary>Changes the name of a span, scope or metric, or the event name of a log record.</summary>
    /// <param name="node">The node's index.</param>
    /// <param name="name">The new name in UTF-8.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another node.</exception>
    public void SetName(int node, ReadOnlySpan<byte> name)
    {
        var field = NameField(node);
        ArgumentOutOfRangeException.ThrowIfNegative(field, nameof(node));
        SetField(node, field, name);
    }

    /// <summary>The version of a scope in UTF-8; empty for other nodes.</summary>
    /// <param name="node">The node's index.</param>
    public ReadOnlySpan<byte> ScopeVersion(int node) => Text(node, FieldOf(node, MessageKind.Scope, 2));

    /// <summary>The unit of a metric in UTF-8; empty for other nodes.</summary>
    /// <param name="node">The node's index.</param>
    public ReadOnlySpan<byte> MetricUnit(int node) => Text(node, FieldOf(node, MessageKind.Metric, 3));

    /// <summary>The description of a metric in UTF-8; empty for other nodes.</summary>
    /// <param name="node">The node's index.</param>
    public ReadOnlySpan<byte> MetricDescription(int node) => Text(node, FieldOf(node, MessageKind.Metric, 2));

    /// <summary>What kind of points a metric has.</summary>
    /// <param name="node">The index of a metric, or of a node inside one.</param>
    public MetricType TypeOfMetric(int node)
    {
        var metric = MetricOf(node);
        if (metric < 0 || Nodes[metric].Next == metric + 1)
        {
            return MetricType.None;
        }

        return Nodes[metric + 1].Message switch
        {
            MessageKind.Gauge => MetricType.Gauge,
            MessageKind.Sum => MetricType.Sum,
            MessageKind.Histogram => MetricType.Histogram,
            MessageKind.ExponentialHistogram => MetricType.ExponentialHistogram,
            _ => MetricType.Summary,
        };
    }

    /// <summary>The name of a span, as changed by now.</summary>
    /// <param name="span">The span's record.</param>
    public ReadOnlySpan<byte> Name(in SpanRecord span) => _overlay is null || _overlay.FirstEdit(span.Node) == 0
        ? _chunk.Bytes.Slice(span.NameOffset, span.NameLength)
        : Name(span.Node);

    /// <summary>The message of a span's status in UTF-8, as changed by now.</summary>
    /// <param name="span">The span's record.</param>
    public ReadOnlySpan<byte> StatusMessage(in SpanRecord span)
    {
        if (_overlay is null || _overlay.FindField(span.Node, SpanStatusField) is not (var edit and not 0))
        {
            return _chunk.Bytes.Slice(span.StatusMessageOffset, span.StatusMessageLength);
        }

        ReadOnlySpan<byte> message = default;
        var fields = new WireReader(ContentOf(edit));
        while (fields.Next())
        {
            if (fields is { Field: 2, Type: WireType.LengthDelimited })
            {
                message = fields.Content;
            }
        }

        return message;
    }

    /// <summary>The severity number of a log record, 1 to 24; 0 where it is missing and for other nodes.</summary>
    /// <param name="node">The node's index.</param>
    public int SeverityNumber(int node) => (int)Number(node, FieldOf(node, MessageKind.LogRecord, 2));

    /// <summary>The severity text of a log record in UTF-8; empty for other nodes.</summary>
    /// <param name="node">The node's index.</param>
    public ReadOnlySpan<byte> SeverityText(int node) => Text(node, FieldOf(node, MessageKind.LogRecord, 3));

    /// <summary>The body of a log record; an empty value where it is missing and for other nodes.</summary>
    /// <param name="node">The node's index.</param>
    public AnyValueView Body(int node) => new(Text(node, FieldOf(node, MessageKind.LogRecord, 5)));

    /// <summary>The node's message as received, for encoders that read it in their own way.</summary>
    /// <param name="node">The node's index.</param>
    public ReadOnlySpan<byte> ReceivedBytes(int node) => _chunk.Bytes.Slice(Nodes[node].BodyOffset, Nodes[node].Length);

    private int FieldOf(int node, MessageKind message, int field) => Nodes[node].Message == message ? field : -1;

    private int NameField(int node) => Nodes[node].Message switch
    {
        MessageKind.Span => 5,
        MessageKind.Scope or MessageKind.Metric => 1,
        MessageKind.LogRecord => 12,
        _ => -1,
    };

    private ReadOnlySpan<byte> Text(int node, int field)
    {
        if (_overlay is not null && _overlay.FindField(node, field) is var edit && edit != 0)
        {
            _overlay.TryGetValue(edit, out var offset, out var length);
            return _overlay.Arena(offset, length);
        }

        ReadOnlySpan<byte> text = default;
        var fields = new WireReader(_chunk.Bytes, Nodes[node].BodyOffset, Nodes[node].Length);
        while (field > 0 && fields.Next())
        {
            if (fields.Field == field && fields.Type == WireType.LengthDelimited)
            {
                text = fields.Content;
            }
        }

        return text;
    }

    private ulong Number(int node, int field)
    {
        ulong number = 0;
        var fields = new WireReader(_chunk.Bytes, Nodes[node].BodyOffset, Nodes[node].Length);
        while (field > 0 && fields.Next())
        {
            if (fields.Field == field && fields.Type != WireType.LengthDelimited)
            {
                number = fields.Number;
            }
        }

        return number;
    }

    private void SetField(int node, int field, ReadOnlySpan<byte> content)
    {
        var overlay = Overlay();
        var edit = overlay.FindField(node, field);
        if (edit == 0)
        {
            var fields = new WireReader(_chunk.Bytes, Nodes[node].BodyOffset, Nodes[node].Length);
            while (fields.Next())
            {
                if (fields.Field != field || fields.Type != WireType.LengthDelimited)
                {
                    continue;
                }

                var length = fields.Position - fields.FieldOffset;
                if (edit == 0)
                {
                    edit = overlay.AddFieldEdit(node, fields.FieldOffset, length, field);
                }
                else
                {
                    overlay.RemoveRange(node, fields.FieldOffset, length);
                }
            }
        }

        edit = edit == 0 ? overlay.AddFieldEdit(node, Editing.ChunkOverlay.Added, 0, field) : edit;
        overlay.SetField(edit, field, content);
    }
}
