namespace TelemetryPipeline.Pipeline.Configuration;

/// <content>How nodes become values and words.</content>
public sealed partial class ConfigSection
{
    /// <summary>A value in words for an error message.</summary>
    /// <param name="node">The value.</param>
    public static string Describe(ConfigNode node) => ConfigWords.Describe(node);

    private static bool IsNull(ConfigNode node) => node is ConfigScalar { Kind: ScalarKind.Null };

    private string? TextOf(ConfigNode node, string path)
    {
        if (node.ExpandedText is { } expanded)
        {
            return expanded;
        }

        if (node is ConfigScalar { Kind: ScalarKind.Text } scalar)
        {
            return scalar.Text;
        }

        var hint = node is ConfigScalar { Kind: not ScalarKind.Null } ? "; quote it to make it one" : "";
        var found = !IsNull(node) && _errors.SecretPaths.Contains(path) ? Pipeline.Secret.Mask : ConfigWords.Describe(node);
        _errors.Add(node.Position, path, $"must be a string, got {found}{hint}");
        return null;
    }

    private IEnumerable<(ConfigNode Node, int Index)> Items(string key)
    {
        switch (Node(key))
        {
            case null:
                yield break;
            case ConfigList list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    yield return (list.Items[i], i);
                }

                break;
            case { } node:
                _errors.Add(node.Position, Join(key), $"must be a list, got {ConfigWords.Describe(node)}");
                break;
        }
    }

    private string Join(string key) => Path.Length == 0 ? key : $"{Path}::{key}";

    private void Know(string key)
    {
        _known.Add(key);
        _errors.AddAsked(Join(key));
    }
}
