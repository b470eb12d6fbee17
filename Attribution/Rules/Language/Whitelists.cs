using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>The lists of codes that a file gives names to, for the wildcards of its rules.</summary>
internal sealed class Whitelists
{
    private readonly Dictionary<string, IReadOnlyList<string>> _byName = new(StringComparer.Ordinal);

    /// <summary>Reads the section <c>whitelists</c>.</summary>
    /// <param name="section">A map of names to lists of codes.</param>
    public Whitelists(ConfigSection section)
    {
        foreach (var entry in section.Entries())
        {
            var codes = section.Texts(entry.Key);
            if (codes.Count == 0)
            {
                section.Error(entry.Key, $"must be a list of codes, got {ConfigSection.Describe(entry.Value)}");
            }

            _byName[entry.Key] = codes;
        }
    }

    /// <summary>The codes of a whitelist that is named or written in place.</summary>
    /// <param name="node">A name or a list of codes.</param>
    /// <param name="path">The keys that lead to it.</param>
    /// <param name="errors">Takes the problems.</param>
    /// <returns>Null where something is wrong, which was reported.</returns>
    public IReadOnlyList<string>? Resolve(ConfigNode node, string path, ConfigErrors errors)
    {
        switch (node)
        {
            case ConfigScalar { Kind: ScalarKind.Text } name when _byName.TryGetValue(name.Text, out var codes):
                return codes;
            case ConfigScalar { Kind: ScalarKind.Text } name:
                var nearest = NearestWord.Find(name.Text, _byName.Keys);
                errors.Add(
                    node.Position,
                    path,
                    $"no whitelist \"{name.Text}\"; the file has {(_byName.Count == 0 ? "none" : string.Join(", ", _byName.Keys))}"
                    + (nearest is null ? "" : $"; did you mean \"{nearest}\"?"));
                return null;
            case ConfigList { Items.Count: > 0 } list when list.Items.All(static item => item is ConfigScalar { Kind: ScalarKind.Text }):
                return [.. list.Items.Select(static item => ((ConfigScalar)item).Text)];
            default:
                errors.Add(node.Position, path, $"must be the name of a whitelist or a list of codes, got {ConfigSection.Describe(node)}");
                return null;
        }
    }
}
