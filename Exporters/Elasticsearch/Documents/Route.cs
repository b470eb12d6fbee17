using System.Text;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Where documents go, with the bytes that say so.</summary>
internal sealed class Route
{
    /// <summary>An index or alias.</summary>
    /// <param name="index">Its name.</param>
    public Route(string index)
    {
        Index = index;
        Action = Encoding.UTF8.GetBytes($"{{\"create\":{{\"_index\":\"{index}\"");
    }

    /// <summary>A data stream.</summary>
    /// <param name="type">The first part of its name.</param>
    /// <param name="dataset">The second part.</param>
    /// <param name="dataNamespace">The third part.</param>
    public Route(string type, string dataset, string dataNamespace)
        : this($"{type}-{dataset}-{dataNamespace}")
    {
        DataStream = Encoding.UTF8.GetBytes(
            $"{{\"type\":\"{type}\",\"dataset\":\"{dataset}\",\"namespace\":\"{dataNamespace}\"}}");
        (Type, Dataset, Namespace) = (Encoding.UTF8.GetBytes(type), Encoding.UTF8.GetBytes(dataset), Encoding.UTF8.GetBytes(dataNamespace));
    }

    /// <summary>The name.</summary>
    public string Index { get; }

    /// <summary>The beginning of a bulk action.</summary>
    public byte[] Action { get; }

    /// <summary>The value of the document's <c>data_stream</c>; empty where it is no data stream.</summary>
    public byte[] DataStream { get; } = [];

    /// <summary><c>data_stream.type</c>; empty where it is no data stream.</summary>
    public byte[] Type { get; } = [];

    /// <summary><c>data_stream.dataset</c>; empty where it is no data stream.</summary>
    public byte[] Dataset { get; } = [];

    /// <summary><c>data_stream.namespace</c>; empty where it is no data stream.</summary>
    public byte[] Namespace { get; } = [];
}
