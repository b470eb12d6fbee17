using System.Buffers;
using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>What a resource adds to its series: <c>job</c>, <c>instance</c> and the attributes chosen as labels.</summary>
internal sealed class ResourceLabels
{
    private readonly List<KeyValuePair<string, string>> _labels = [];
    private readonly List<KeyValuePair<string, string>> _others = [];
    private readonly ArrayBufferWriter<byte> _value = new(64);
    private string _service = "";
    private string _serviceNamespace = "";
    private string _instance = "";

    private ResourceLabels(int node) => Node = node;

    /// <summary>The resource's node.</summary>
    public int Node { get; }

    /// <summary>Whether there is something to say about a target.</summary>
    public bool HasTarget => _others.Count > 0 && (_service.Length > 0 || _instance.Length > 0);

    private string Job => _serviceNamespace.Length > 0 ? $"{_serviceNamespace}/{_service}" : _service;

    /// <summary>Reads a resource.</summary>
    public static ResourceLabels Read(OtlpView view, int node, ResourceLabelRule rule)
    {
        var labels = new ResourceLabels(node);
        foreach (var attribute in view.Attributes(node))
        {
            labels.Take(Encoding.UTF8.GetString(attribute.Key), labels.TextOf(attribute), rule);
        }

        return labels;
    }

    /// <summary>Adds an attribute of a point.</summary>
    public void AddValue(LabelText labels, AttributeView attribute)
    {
        _value.ResetWrittenCount();
        attribute.Value.WriteText(_value);
        labels.Add(attribute.Key, _value.WrittenSpan);
    }

    /// <summary>Adds the labels of a series.</summary>
    public void AddTo(LabelText labels)
    {
        AddJob(labels);
        foreach (var (name, value) in _labels)
        {
            labels.Add(name, value);
        }
    }

    /// <summary>Adds the labels of <c>target_info</c>.</summary>
    public void AddTarget(LabelText labels)
    {
        AddJob(labels);
        foreach (var (name, value) in _others)
        {
            labels.Add(name, value);
        }
    }

    private void Take(string key, string value, ResourceLabelRule rule)
    {
        var name = MetricNames.Escape(key, isLabel: true);
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
                _others.Add(new(name, value));
                break;
        }

        if (rule.Takes(key))
        {
            _labels.Add(new(name, value));
        }
    }

    private string TextOf(AttributeView attribute)
    {
        _value.ResetWrittenCount();
        attribute.Value.WriteText(_value);
        return Encoding.UTF8.GetString(_value.WrittenSpan);
    }

    private void AddJob(LabelText labels)
    {
        if (_service.Length > 0)
        {
            labels.Add("job", Job);
        }

        if (_instance.Length > 0)
        {
            labels.Add("instance", _instance);
        }
    }
}
