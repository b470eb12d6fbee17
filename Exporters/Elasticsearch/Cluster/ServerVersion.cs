using System.Globalization;
using System.Text.Json;
using TelemetryPipeline.Otlp.Json;

namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <summary>What a cluster says about itself at <c>GET /</c>.</summary>
/// <param name="IsOpenSearch">OpenSearch, not Elasticsearch.</param>
/// <param name="Major">The version's first number.</param>
/// <param name="Minor">The version's second number.</param>
/// <param name="Text">The version as it says it.</param>
/// <param name="ClusterId">The cluster's own id; another one is another cluster, without our templates.</param>
internal sealed record ServerVersion(bool IsOpenSearch, int Major, int Minor, string Text, string ClusterId)
{
    /// <summary>What is assumed of a cluster that does not let us ask.</summary>
    public static ServerVersion Assumed { get; } = new(false, 8, 12, "unknown", "");

    /// <summary>Reads the answer.</summary>
    /// <param name="body">The body.</param>
    /// <returns>Null where it is no answer of a cluster.</returns>
    public static ServerVersion? Read(ReadOnlyMemory<byte> body)
    {
        if (!JsonDocuments.TryParse(body.Span, out var document))
        {
            return null;
        }

        using var parsed = document;
        if (document.RootElement is not { ValueKind: JsonValueKind.Object } root
            || !root.TryGetProperty("version"u8, out var version) || version.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var text = StringOf(version, "number"u8);
        var parts = text.Split('.', '-');
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? new ServerVersion(StringOf(version, "distribution"u8) == "opensearch", major, minor, text, StringOf(root, "cluster_uuid"u8))
            : null;
    }

    /// <summary>Whether it is Elasticsearch of at least a version.</summary>
    /// <param name="major">The first number.</param>
    /// <param name="minor">The second number.</param>
    public bool IsElasticsearch(int major, int minor) =>
        !IsOpenSearch && (Major > major || (Major == major && Minor >= minor));

    /// <inheritdoc/>
    public override string ToString() => $"{(IsOpenSearch ? "OpenSearch" : "Elasticsearch")} {Text}";

    private static string StringOf(JsonElement element, ReadOnlySpan<byte> name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
