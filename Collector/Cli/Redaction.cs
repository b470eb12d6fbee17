using System.Text.RegularExpressions;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>Replaces the secrets of a configuration by a mask.</summary>
/// <remarks>
/// Secret is what a component reads as such, and, for parts that no component has read (in a configuration with
/// errors), what a key calls so; in any text, the user and password of a URL.
/// </remarks>
internal static partial class Redaction
{
    /// <summary>A copy of the document with masks.</summary>
    /// <param name="document">The document.</param>
    /// <param name="secretPaths">Paths that components read as secrets.</param>
    public static ConfigMap Apply(ConfigMap document, IReadOnlySet<string> secretPaths) =>
        (ConfigMap)Mask(document, "", secretPaths);

    private static ConfigNode Mask(ConfigNode node, string path, IReadOnlySet<string> secretPaths)
    {
        switch (node)
        {
            case ConfigMap map:
                var entries = new List<ConfigEntry>(map.Entries.Count);
                foreach (var entry in map.Entries)
                {
                    var below = path.Length == 0 ? entry.Key : $"{path}::{entry.Key}";
                    var isSecret = secretPaths.Contains(below) || SecretKey().IsMatch(entry.Key);
                    entries.Add(entry with { Value = isSecret ? MaskAll(entry.Value) : Mask(entry.Value, below, secretPaths) });
                }

                return new ConfigMap { Entries = entries, Position = map.Position };
            case ConfigList list:
                var items = new List<ConfigNode>(list.Items.Count);
                foreach (var item in list.Items)
                {
                    items.Add(Mask(item, $"{path}::{items.Count}", secretPaths));
                }

                return new ConfigList { Items = items, Position = list.Position };
            case ConfigScalar { Kind: ScalarKind.Text } scalar when UserInfo().IsMatch(scalar.Text):
                return Text(scalar, UserInfo().Replace(scalar.Text, $"://{Secret.Mask}@"));
            default:
                return node;
        }
    }

    private static ConfigNode MaskAll(ConfigNode node)
    {
        switch (node)
        {
            case ConfigMap map:
                var entries = new List<ConfigEntry>(map.Entries.Count);
                foreach (var entry in map.Entries)
                {
                    entries.Add(entry with { Value = MaskAll(entry.Value) });
                }

                return new ConfigMap { Entries = entries, Position = map.Position };
            case ConfigList list:
                var items = new List<ConfigNode>(list.Items.Count);
                foreach (var item in list.Items)
                {
                    items.Add(MaskAll(item));
                }

                return new ConfigList { Items = items, Position = list.Position };
            case ConfigScalar { Kind: ScalarKind.Null }:
                return node;
            default:
                return Text(node, Secret.Mask);
        }
    }

    private static ConfigScalar Text(ConfigNode node, string text) =>
        new() { Kind = ScalarKind.Text, Text = text, Position = node.Position };

    [GeneratedRegex(
        "^(.*password|passwd|.*secret|.*token|.*api_?key|authorization|.*headers|key_pem|.*credentials|private_key)$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SecretKey();

    [GeneratedRegex("://[^/@\\s]+@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();
}
