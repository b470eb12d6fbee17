using System.Collections;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

/// <summary>Makes the same changes to a view and to Google.Protobuf objects, whose nodes it lists in the same order.</summary>
internal sealed class EditModel
{
    private readonly List<Entry> _nodes = [];

    // An attribute that is set again after its removal takes its old place, which these objects do not remember.
    private readonly HashSet<(int Node, string Key)> _removed = [];

    public EditModel(IMessage request)
    {
        Request = request;
        Rebuild();
    }

    public IMessage Request { get; }

    public int NodeCount => _nodes.Count;

    public void Rebuild()
    {
        _nodes.Clear();
        _removed.Clear();
        foreach (var envelope in Children(Request))
        {
            Add(envelope, -1);
        }
    }

    public void EditBoth(OtlpView view, Random random)
    {
        if (_nodes.Count == 0)
        {
            return;
        }

        switch (random.Next(5))
        {
            case 0:
                DropSome(view, random);
                break;
            case 1:
                Rename(view, random);
                break;
            default:
                EditAttribute(view, random);
                break;
        }
    }

    public void EditAttribute(OtlpView view, Random random)
    {
        if (_nodes.Count == 0)
        {
            return;
        }

        var node = random.Next(_nodes.Count);
        Assert.Equal(_nodes[node].HasAttributes, view.HasAttributes(node));
        if (!_nodes[node].HasAttributes)
        {
            return;
        }

        var key = "k" + random.Next(8);
        var utf8 = Encoding.UTF8.GetBytes(key);
        var before = First(_nodes[node].Attributes(create: false), key);
        Assert.Equal(before is not null, view.TryGetAttribute(node, utf8, out var value));
        Assert.Equal((before?.Value ?? new AnyValue()).ToByteArray(), value.Encoded.ToArray());
        if (random.Next(3) == 0)
        {
            Assert.Equal(before is not null, view.RemoveAttribute(node, utf8));
            Put(_nodes[node].Attributes(create: false), key, null);
            _removed.Add((node, key));
            Assert.False(view.TryGetAttribute(node, utf8, out _));
        }
        else if (!_removed.Contains((node, key)))
        {
            Put(_nodes[node].Attributes(create: true)!, key, SetInView(view, node, utf8, random));
        }

        AssertSameAttributes(view, node);
    }

    private static AnyValue SetInView(OtlpView view, int node, byte[] key, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                var text = new string('v', random.Next(400));
                view.SetText(node, key, Encoding.UTF8.GetBytes(text));
                return new AnyValue { StringValue = text };
            case 1:
                var number = random.NextInt64() - (long.MaxValue / 2);
                view.SetInt(node, key, number);
                return new AnyValue { IntValue = number };
            case 2:
                view.SetBool(node, key, value: true);
                return new AnyValue { BoolValue = true };
            case 3:
                view.SetDouble(node, key, 2.5);
                return new AnyValue { DoubleValue = 2.5 };
            case 4:
                view.SetBytes(node, key, [1, 2, 3]);
                return new AnyValue { BytesValue = ByteString.CopyFrom(1, 2, 3) };
            default:
                var array = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { IntValue = 1 } } } };
                view.SetValue(node, key, new AnyValueView(array.ToByteArray()));
                return array;
        }
    }

    private static void Put(RepeatedField<KeyValue>? attributes, string key, AnyValue? value)
    {
        var found = false;
        for (var i = 0; i < attributes?.Count; i++)
        {
            if (attributes[i].Key != key)
            {
                continue;
            }

            if (value is null || found)
            {
                attributes.RemoveAt(i--);
            }
            else
            {
                // The whole pair is replaced: what else the sender put into it is gone.
                attributes[i] = new KeyValue { Key = key, Value = value };
            }

            found = true;
        }

        if (!found && value is not null)
        {
            attributes!.Add(new KeyValue { Key = key, Value = value });
        }
    }

    private static KeyValue? First(RepeatedField<KeyValue>? attributes, string key)
    {
        foreach (var attribute in attributes ?? [])
        {
            if (attribute.Key == key)
            {
                return attribute;
            }
        }

        return null;
    }

    private void AssertSameAttributes(OtlpView view, int node)
    {
        var expected = _nodes[node].Attributes(create: false) ?? [];
        var at = 0;
        foreach (var attribute in view.Attributes(node))
        {
            Assert.Equal(expected[at].Key, Encoding.UTF8.GetString(attribute.Key));
            Assert.Equal((expected[at].Value ?? new AnyValue()).ToByteArray(), attribute.Value.Encoded.ToArray());
            at++;
        }

        Assert.Equal(expected.Count, at);
    }

    private void DropSome(OtlpView view, Random random)
    {
        var node = random.Next(_nodes.Count);
        if (view.Nodes[node].Kind is OtlpNodeKind.Resource or OtlpNodeKind.Scope || view.IsDropped(node))
        {
            return;
        }

        view.Drop(node);
        while (node >= 0)
        {
            var parent = _nodes[node].Parent;
            var holder = parent < 0 ? Request : _nodes[parent].Message!;
            RemoveFrom(holder, _nodes[node].Message!);
            Assert.True(view.IsDropped(node));
            using var left = Children(holder).GetEnumerator();
            if (parent < 0 || left.MoveNext())
            {
                break;
            }

            node = parent;
        }
    }

    private void Rename(OtlpView view, Random random)
    {
        var node = random.Next(_nodes.Count);
        var name = "renamed" + random.Next(10);
        var field = _nodes[node].Message?.Descriptor.FindFieldByName(
            view.Signal == Signal.Logs && view.Nodes[node].Kind == OtlpNodeKind.Item ? "event_name" : "name");
        if (field is null)
        {
            return;
        }

        view.SetName(node, Encoding.UTF8.GetBytes(name));
        field.Accessor.SetValue(_nodes[node].Message, name);
        Assert.Equal(name, Encoding.UTF8.GetString(view.Name(node)));
    }

    private static void RemoveFrom(IMessage holder, IMessage child)
    {
        foreach (var field in holder.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsRepeated && field.Accessor.GetValue(holder) is IList list)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    if (ReferenceEquals(list[i], child))
                    {
                        list.RemoveAt(i);
                        return;
                    }
                }
            }
            else if (ReferenceEquals(field.Accessor.GetValue(holder), child))
            {
                field.Accessor.Clear(holder);
                return;
            }
        }
    }

    private void Add(IMessage message, int parent)
    {
        var index = _nodes.Count;
        _nodes.Add(new Entry(message, parent, null, null));
        var content = message.Descriptor.FindFieldByNumber(1);
        if (content?.Name is "resource" or "scope")
        {
            _nodes.Add(new Entry(null, index, message, content));
        }

        foreach (var child in Children(message))
        {
            Add(child, index);
        }
    }

    private static IEnumerable<IMessage> Children(IMessage message)
    {
        if (message is Metric metric)
        {
            IMessage? data = metric.DataCase switch
            {
                Metric.DataOneofCase.Gauge => metric.Gauge,
                Metric.DataOneofCase.Sum => metric.Sum,
                Metric.DataOneofCase.Histogram => metric.Histogram,
                Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram,
                Metric.DataOneofCase.Summary => metric.Summary,
                _ => null,
            };
            return data is null ? [] : [data];
        }

        string[] names =
        [
            "resource_spans", "resource_metrics", "resource_logs", "scope_spans", "scope_metrics", "scope_logs", "spans",
            "metrics", "log_records", "data_points",
        ];
        foreach (var name in names)
        {
            if (message.Descriptor.FindFieldByName(name) is { } field)
            {
                return (IEnumerable<IMessage>)field.Accessor.GetValue(message);
            }
        }

        return [];
    }

    /// <summary>A node; a resource or scope is looked up in its envelope, where it may be missing.</summary>
    private sealed record Entry(
        IMessage? Fixed, int Parent, IMessage? Envelope, Google.Protobuf.Reflection.FieldDescriptor? Field)
    {
        public IMessage? Message => Fixed ?? (IMessage?)Field!.Accessor.GetValue(Envelope!);

        public bool HasAttributes => Fixed is null || Fixed.Descriptor.FindFieldByName("attributes") is not null;

        public RepeatedField<KeyValue>? Attributes(bool create)
        {
            if (create && Message is null)
            {
                IMessage content = Field!.Name == "resource" ? new Resource() : new InstrumentationScope();
                Field.Accessor.SetValue(Envelope!, content);
            }

            return Message is { } message
                ? (RepeatedField<KeyValue>)message.Descriptor.FindFieldByName("attributes").Accessor.GetValue(message)
                : null;
        }
    }
}
