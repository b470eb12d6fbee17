using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>
/// Replaces <c>${scheme:rest}</c> and <c>${NAME}</c> in the values of a configuration by what they stand for, again
/// and again until nothing is left to replace, and then <c>$$</c> by <c>$</c>. Keys are left alone.
/// </summary>
/// <param name="providers">Fetches the texts.</param>
/// <param name="errors">Takes problems and warnings.</param>
/// <remarks>
/// Beyond the Collector, <c>${env+raw:NAME}</c> and <c>${file+raw:PATH}</c> insert a text as it is: not read as YAML, with
/// <c>$$</c> and <c>${</c> left alone. All other rules are the Collector's (<c>confmap/expand.go</c>), but for an escape, which ends
/// neither the search nor the value.
/// </remarks>
internal sealed class ConfigExpansion(ConfigProviders providers, ConfigErrors errors)
{
    private const int RoundsMax = 1000;
    private const string TooMany = "too many recursive expansions";

    // Of a scheme: the value is a text, taken as it is.
    private const string RawSuffix = "+raw";

    private int _nodeCount;
    private bool _isFull;

    /// <summary>Expands a whole document.</summary>
    /// <param name="document">The merged document.</param>
    public ConfigNode Expand(ConfigNode document) => Expand(document, "", 0, 0);

    private ConfigNode Expand(ConfigNode node, string path, int rounds, int depth)
    {
        if (depth > YamlLimits.DepthMax || _isFull)
        {
            return _isFull ? Null(node.Position) : Fail(node.Position, path, TooMany);
        }

        if (++_nodeCount > YamlLimits.NodesMax)
        {
            _isFull = true;
            return Fail(node.Position, path, $"more than {YamlLimits.NodesMax} values after expansion");
        }

        switch (node)
        {
            case ConfigMap map:
                var entries = new List<ConfigEntry>(map.Entries.Count);
                foreach (var entry in map.Entries)
                {
                    entries.Add(entry with { Value = Expand(entry.Value, Join(path, entry.Key), rounds, depth + 1) });
                }

                return new ConfigMap { Entries = entries, Position = map.Position, ExpandedText = map.ExpandedText };
            case ConfigList list:
                var items = new List<ConfigNode>(list.Items.Count);
                foreach (var item in list.Items)
                {
                    items.Add(Expand(item, Join(path, items.Count.ToString(CultureInfo.InvariantCulture)), rounds, depth + 1));
                }

                return new ConfigList { Items = items, Position = list.Position, ExpandedText = list.ExpandedText };
            case ConfigScalar { Kind: ScalarKind.Text } scalar:
                return ExpandText(scalar, path, rounds, depth);
            default:
                return node;
        }
    }

    private ConfigNode ExpandText(ConfigScalar scalar, string path, int rounds, int depth)
    {
        var text = scalar.Text;
        while (FindReference(text) is { } reference)
        {
            if (++rounds > RoundsMax)
            {
                return Fail(scalar.Position, path, $"{TooMany}, got \"{ConfigWords.Shorten(scalar.Text)}\"");
            }

            if (!TryFetch(text[reference], out var location, out var fetched, out var problem))
            {
                // What a variable or a file holds may be a secret; what the configuration itself says is shown.
                return Fail(scalar.Position, path, scalar.Text.Contains(text[reference], StringComparison.Ordinal)
                    ? $"{problem}, got \"{ConfigWords.Shorten(text[reference])}\""
                    : "a value that was inserted holds a reference that cannot be followed; it is not shown, since it may be a secret. "
                        + "${env+raw:NAME} and ${file+raw:PATH} insert a value as it is");
            }

            Warn(scalar.Position, path, fetched.Warning);
            if (reference.Equals(0..text.Length) && (!fetched.IsRaw || fetched.IsUnset) && Typed(scalar.Position, path, location, fetched, out var typed))
            {
                return typed is null ? Null(scalar.Position) : ExpandTyped(typed, fetched, path, rounds, depth);
            }

            if (!TryReplace(ref text, reference, fetched.Text))
            {
                return Fail(scalar.Position, path, $"longer than {YamlLimits.SourceLengthMax} characters after expansion");
            }
        }

        return ReferenceEquals(text, scalar.Text) && !text.Contains("$$", StringComparison.Ordinal)
            ? scalar
            : new ConfigScalar { Kind = ScalarKind.Text, Text = Unescape(text), Position = scalar.Position };
    }

    // What the whole of a value was replaced by: a number, a map. Its text is kept for a setting that is a string.
    private ConfigNode ExpandTyped(ConfigNode typed, FetchedText fetched, string path, int rounds, int depth)
    {
        var original = fetched.IsUnset ? null : ExpandQuietly(fetched.Text, rounds);
        return typed switch
        {
            ConfigScalar scalar => new ConfigScalar
            {
                Kind = scalar.Kind,
                Text = scalar.Text,
                Position = scalar.Position,
                ExpandedText = original,
            },
            ConfigMap map => Expand(
                new ConfigMap { Entries = map.Entries, Position = map.Position, ExpandedText = original }, path, rounds, depth),
            ConfigList list => Expand(
                new ConfigList { Items = list.Items, Position = list.Position, ExpandedText = original }, path, rounds, depth),
            _ => typed,
        };
    }

    // Null when the text holds a reference that cannot be followed, in a comment for example: then it is no text.
    private string? ExpandQuietly(string text, int rounds)
    {
        while (FindReference(text) is { } reference)
        {
            if (++rounds > RoundsMax || !TryFetch(text[reference], out _, out var fetched, out _)
                || !TryReplace(ref text, reference, fetched.Text))
            {
                return null;
            }
        }

        return Unescape(text);
    }

    private static bool TryReplace(ref string text, Range reference, string replacement)
    {
        if (text.Length + replacement.Length > YamlLimits.SourceLengthMax)
        {
            return false;
        }

        text = string.Concat(text.AsSpan(0, reference.Start.Value), replacement, text.AsSpan(reference.End.Value));
        return true;
    }

    private bool TryFetch(
        string reference, out ConfigLocation location, out FetchedText fetched, [NotNullWhen(false)] out string? problem)
    {
        var inner = reference[2..^1];
        fetched = default;
        if (!inner.Contains(':', StringComparison.Ordinal))
        {
            inner = $"{ConfigLocation.Env}:{inner}";
        }

        if (!ConfigLocation.TryParse(inner, out location))
        {
            problem = $"invalid uri: \"{inner}\"";
            return false;
        }

        if (location.Rest.Contains('$', StringComparison.Ordinal))
        {
            problem = $"the uri \"{location}\" contains unsupported characters ('$')";
            return false;
        }

        var isRaw = location.Scheme.EndsWith(RawSuffix, StringComparison.Ordinal);
        location = isRaw ? location with { Scheme = location.Scheme[..^RawSuffix.Length] } : location;
        if (!providers.TryFetch(location, out fetched, out problem))
        {
            return false;
        }

        // A text stays as it is, quotes included; only a file's final line break goes, which is rarely meant.
        if (location.Scheme == ConfigLocation.File)
        {
            fetched = fetched with { Text = TrimLineBreak(fetched.Text) };
        }

        // Escaped here and unescaped with the whole value, so that nothing in it is a reference.
        fetched = isRaw ? fetched with { Text = fetched.Text.Replace("$", "$$", StringComparison.Ordinal), IsRaw = true } : fetched;
        return true;
    }

    // False when the value is text. A null node stands for a file that is broken, which has been reported.
    private bool Typed(SourcePosition position, string path, ConfigLocation location, FetchedText fetched, out ConfigNode? typed)
    {
        var source = location.Scheme switch
        {
            ConfigLocation.File => location.Rest,
            ConfigLocation.Env => $"{ConfigLocation.Env}:{location.Rest.Split(":-")[0]}",
            _ => location.Scheme,
        };
        if (!YamlReader.TryRead(fetched.Text, source, out typed, out var error))
        {
            if (location.Scheme != ConfigLocation.File || !IsYamlFile(location.Rest))
            {
                return false;
            }

            errors.Add(error.Position, path, error.Problem);
            return true;
        }

        if (typed is ConfigScalar scalar)
        {
            // Set to nothing by a default is an empty text; not set at all, or set to nothing, is null.
            if (scalar.Kind == ScalarKind.Text || (fetched is { Text: "", Warning: null } && location.Scheme == ConfigLocation.Env))
            {
                return false;
            }

            typed = new ConfigScalar { Kind = scalar.Kind, Text = scalar.Text, Position = position };
        }

        return true;
    }

    /// <summary>The first reference that is not escaped: the innermost that the first closing brace ends.</summary>
    /// <param name="text">The text.</param>
    internal static Range? FindReference(string text)
    {
        var from = 0;
        while (true)
        {
            var close = text.IndexOf('}', from);
            if (close < 0)
            {
                return null;
            }

            var open = text.AsSpan(from, close - from).LastIndexOf("${");
            if (open >= 0 && !IsEscaped(text, from + open))
            {
                return (from + open)..(close + 1);
            }

            from = close + 1;
        }
    }

    private static bool IsEscaped(string text, int open)
    {
        var dollars = 0;
        while (open - dollars > 0 && text[open - dollars - 1] == '$')
        {
            dollars++;
        }

        return dollars % 2 == 1;
    }

    private static string Unescape(string text) => text.Replace("$$", "$", StringComparison.Ordinal);

    private static string TrimLineBreak(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;

    private static bool IsYamlFile(string path) =>
        path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}::{key}";

    private static ConfigScalar Null(SourcePosition position) => new() { Kind = ScalarKind.Null, Text = "", Position = position };

    private ConfigScalar Fail(SourcePosition position, string path, string problem)
    {
        errors.Add(position, path, problem);
        return Null(position);
    }

    private void Warn(SourcePosition position, string path, string? warning)
    {
        if (warning is not null)
        {
            errors.AddWarning(position, path, warning);
        }
    }
}
