using System.Buffers;
using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>What a resource adds to its series: <c>job</c>, <c>instance</c> and the attributes chosen as labels.</summary>
internal sealed class ResourceLabels
{
    private readonly List<(byte[] Key, byte[] Value)> _labels = [];
    private readonly List<(byte[] Key, byte[] Value)> _others = [];
    private readonly ArrayBufferWriter<byte> _value = new(64);
    private byte[] _service = [];
    private byte[] _serviceNamespace = [];
    private byte[] _instance = [];
    private byte[] _job = [];

    private ResourceLabels(int node) => Node = node;

    /// <summary>The resource's node.</summary>
    public int Node { get; }

    /// <summary>Whether there is something to say about a target.</summary>
    public bool HasTarget => _others.Count > 0 && (_service.Length > 0 || _instance.Length > 0);

    /// <summary>Reads a resource.</summary>
    public static ResourceLabels Read(OtlpView view, int node, ResourceLabelRule rule)
    {
        var labels = new ResourceLabels(node);
        foreach (var attribute in view.Attributes(node))
        {
            labels.Read(attribute, rule);
        }

        if (labels._service.Length > 0)
        {
            labels._job = labels._serviceNamespace.Length > 0
                ? [.. labels._serviceNamespace, (byte)'/', .. labels._service]
                : labels._service;
        }

        return labels;
    }

    /// <summary>Adds an attribute of a point.</summary>
    public void AddValue(LabelText labels, AttributeView attribute) =>
        labels.Add(LabelSource.Point, attribute.Key, TextOf(attribute));

    /// <summary>Adds the labels of a series.</summary>
    public void AddTo(LabelText labels)
    {
        AddIdentity(labels);
        foreach (var (key, value) in _labels)
        {
            labels.Add(LabelSource.Resource, key, value);
        }
    }

    /// <summary>Adds <c>job</c> and <c>instance</c>.</summary>
    public void AddIdentity(LabelText labels)
    {
        if (_job.Length > 0)
        {
            labels.Add(LabelSource.Target, "job"u8, _job);
        }

        if (_instance.Length > 0)
        {
            labels.Add(LabelSource.Target, "instance"u8, _instance);
        }
    }

    /// <summary>Adds the labels of <c>target_info</c>.</summary>
    public void AddTarget(LabelText labels)
    {
        AddIdentity(labels);
        foreach (var (key, value) in _others)
        {
            labels.Add(LabelSource.Resource, key, value);
        }
    }

    private void Read(AttributeView attribute, ResourceLabelRule rule)
    {
        var key = Encoding.UTF8.GetString(attribute.Key);
        var value = TextOf(attribute).ToArray();
        switch (key)
        {
            case "service.name":
                _service = value;
                break;
            case "service.namespace":
                _serviceNamespace = value;
                break;
            case "service.instance.id":
                _instance = value;
                break;
            default:
                _others.Add((attribute.Key.ToArray(), value));
                break;
        }

        if (rule.Takes(key))
        {
            _labels.Add((attribute.Key.ToArray(), value));
        }
    }

    private ReadOnlySpan<byte> TextOf(AttributeView attribute)
    {
        _value.ResetWrittenCount();
        attribute.Value.WriteText(_value);
        return _value.WrittenSpan;
    }
}
