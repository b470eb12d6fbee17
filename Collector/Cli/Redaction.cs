using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>Replaces the secrets of a configuration by a mask.</summary>
/// <remarks>
/// Secret is what a component reads as such, and, for parts that no component has read (in a configuration with
/// errors), what a key calls so; in any text, the user, the password and secret query parameters of a URL.
/// </remarks>
internal static class Redaction
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
                    var isSecret = secretPaths.Contains(below) || SensitiveText.IsSecretKey(entry.Key);
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
            case ConfigScalar { Kind: ScalarKind.Text } scalar:
                return Text(scalar, SensitiveText.Mask(scalar.Text));
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
}
