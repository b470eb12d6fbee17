using System.Text;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Elasticsearch;

/// <summary>Reads where the cluster is.</summary>
internal static class ClusterAddresses
{
    private const string Variable = "ELASTICSEARCH_URL";
    private const int ElasticsearchPort = 9200;

    /// <summary>Reads <c>endpoint</c>, <c>endpoints</c> or <c>cloudid</c>; without them the environment's variable counts.</summary>
    /// <param name="section">The exporter's section.</param>
    public static IReadOnlyList<Uri> Read(ConfigSection section)
    {
        var set = 0;
        foreach (var key in (ReadOnlySpan<string>)["endpoint", "endpoints", "cloudid"])
        {
            set += section.Has(key) && section.Node(key) is not null ? 1 : 0;
        }

        var single = section.Text("endpoint");
        var texts = section.Texts("endpoints");
        var cloud = section.Text("cloudid");
        if (set > 1)
        {
            section.Error("", "only one of endpoint, endpoints and cloudid must be set");
            return [];
        }

        if (!string.IsNullOrEmpty(cloud))
        {
            return ReadCloudId(section, cloud);
        }

        if (!string.IsNullOrEmpty(single))
        {
            return Parse(section, "endpoint", [single]);
        }

        return texts.Count > 0 ? Parse(section, "endpoints", texts) : ReadVariable(section);
    }

    private static List<Uri> ReadVariable(ConfigSection section)
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text))
        {
            section.Error("", $"endpoint, endpoints or cloudid must be set, or the environment variable {Variable}");
            return [];
        }

        return Parse(section, "", text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    private static List<Uri> Parse(ConfigSection section, string key, IReadOnlyList<string> texts)
    {
        var addresses = new List<Uri>();
        foreach (var text in texts)
        {
            if (HttpUrl.ProblemOf(text, out var url) is { } problem)
            {
                section.Error(key, key.Length == 0 ? $"{Variable} {problem}" : problem);
                continue;
            }

            // Elasticsearch's own port, where a URL has none.
            var address = HasPort(text) ? url! : new UriBuilder(url!) { Port = ElasticsearchPort }.Uri;
            if (addresses.Contains(address))
            {
                section.Error(key, $"must not name a node twice, got {address} again");
            }
            else
            {
                addresses.Add(address);
            }
        }

        return addresses;
    }

    private static bool HasPort(string url)
    {
        var authority = url.AsSpan()[(url.IndexOf("//", StringComparison.Ordinal) + 2)..];
        var end = authority.IndexOfAny("/?#");
        authority = end < 0 ? authority : authority[..end];
        return authority.LastIndexOf(':') > authority.LastIndexOf(']');
    }

    // "name:" and the base64 of "host$id of the cluster$id of Kibana".
    private static List<Uri> ReadCloudId(ConfigSection section, string id)
    {
        var parts = "";
        try
        {
            parts = Encoding.UTF8.GetString(Convert.FromBase64String(id[(id.LastIndexOf(':') + 1)..]));
        }
        catch (FormatException)
        {
            // Reported below.
        }

        var words = parts.Split('$');
        if (words.Length >= 2 && words[0].Length > 0 && words[1].Length > 0)
        {
            var colon = words[0].LastIndexOf(':');
            var (host, port) = colon < 0 ? (words[0], "443") : (words[0][..colon], words[0][(colon + 1)..]);
            if (Uri.TryCreate($"https://{words[1]}.{host}:{port}", UriKind.Absolute, out var address))
            {
                return [address];
            }
        }

        section.Error("cloudid", "must be a cloud id as the Elastic Cloud console shows it, \"name:\" and a base64 text");
        return [];
    }
}
