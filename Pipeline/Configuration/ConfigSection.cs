using System.Linq;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>
/// Reads the settings of one map. Every reader validates the value into its final type and takes note of the key;
/// <see cref="Finish"/> then reports the keys nobody asked for. A value that is absent, or null, takes the default.
/// </summary>
/// <remarks>
/// Every problem is added to the shared <see cref="ConfigErrors"/>, and reading goes on with the default, so that an
/// operator sees all problems at once.
/// </remarks>
public sealed partial class ConfigSection
{
    private readonly ConfigMap? _map;
    private readonly ConfigErrors _errors;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly SourcePosition _position;

    /// <summary>Reads a node that should be a map; null and absent count as an empty map.</summary>
    /// <param name="node">The node; null when absent.</param>
    /// <param name="position">Where the section stands, for errors about absent keys.</param>
    /// <param name="path">The keys that lead here, joined with <c>::</c>.</param>
    /// <param name="errors">Takes the problems.</param>
    public ConfigSection(ConfigNode? node, SourcePosition position, string path, ConfigErrors errors)
    {
        Path = path;
        _errors = errors;
        _position = node?.Position ?? position;
        _map = node as ConfigMap;
        if (node is not null && _map is null && !IsNull(node))
        {
            errors.Add(node.Position, path, $"must be a map, got {ConfigWords.Describe(node)}");
        }
    }

    /// <summary>The keys that lead here, joined with <c>::</c>.</summary>
    public string Path { get; }

    /// <summary>Where the section stands.</summary>
    public SourcePosition Position => _position;

    /// <summary>The keys that were asked for so far, for documentation tests.</summary>
    public IReadOnlyCollection<string> KnownKeys => _known;

    /// <summary>Whether the key is present, even with a null value.</summary>
    /// <param name="key">The key.</param>
    public bool Has(string key)
    {
        Know(key);
        return _map?.Find(key) is not null;
    }

    /// <summary>The raw value; null when absent or null.</summary>
    /// <param name="key">The key.</param>
    public ConfigNode? Node(string key)
    {
        Know(key);
        var node = _map?.Find(key)?.Value;
        return node is null || IsNull(node) ? null : node;
    }

    /// <summary>The entries of a map with free keys, which all count as known.</summary>
    public IReadOnlyList<ConfigEntry> Entries()
    {
        foreach (var entry in _map?.Entries ?? [])
        {
            _known.Add(entry.Key);
        }

        return _map?.Entries ?? [];
    }

    /// <summary>A section below this one, empty when absent.</summary>
    /// <param name="key">The key.</param>
    public ConfigSection Section(string key)
    {
        Know(key);
        var entry = _map?.Find(key);
        return new ConfigSection(entry?.Value, entry?.KeyPosition ?? _position, Join(key), _errors);
    }

    /// <summary>The sections of a list of maps; empty when absent.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<ConfigSection> Sections(string key)
    {
        var sections = new List<ConfigSection>();
        foreach (var (node, index) in Items(key))
        {
            sections.Add(new ConfigSection(node, node.Position, $"{Join(key)}::{index}", _errors));
        }

        return sections;
    }

    /// <summary>Text. Numbers and booleans are refused unless they came from an expansion, as in the Collector.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    public string? Text(string key, string? defaultValue = null)
    {
        Know(key);

        // A variable that is set to nothing is null to other settings, and text to this one.
        var node = _map?.Find(key)?.Value;
        return node is null || (IsNull(node) && node.ExpandedText is null) ? defaultValue : TextOf(node, Join(key)) ?? defaultValue;
    }

    /// <summary>Text that must be there and not empty.</summary>
    /// <param name="key">The key.</param>
    public string RequiredText(string key)
    {
        if (!Has(key) || _map?.Find(key)?.Value is ConfigScalar { Kind: ScalarKind.Null, ExpandedText: null })
        {
            Error(key, "must be set");
            return "";
        }

        var text = Text(key);
        if (text is "")
        {
            Error(key, "must not be empty, got \"\"");
        }

        return text ?? "";
    }

    /// <summary>Text that must not be printed, neither in an error nor by <c>print-config</c>.</summary>
    /// <param name="key">The key.</param>
    public Secret? Secret(string key)
    {
        _errors.AddSecret(Join(key));
        return Text(key) is { } text ? new Secret(text) : null;
    }

    /// <summary>Texts in order; a single text counts as a list of one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    public IReadOnlyList<string> Texts(string key, params IReadOnlyList<string> defaultValue) =>
        Node(key) is null ? defaultValue : [.. PlacedTexts(key).Select(static placed => placed.Text)];

    /// <summary>Texts in order with their positions; a single text counts as a list of one.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<(string Text, SourcePosition Position)> PlacedTexts(string key)
    {
        var texts = new List<(string, SourcePosition)>();
        if (Node(key) is ConfigScalar scalar)
        {
            if (TextOf(scalar, Join(key)) is { } single)
            {
                texts.Add((single, scalar.Position));
            }

            return texts;
        }

        foreach (var (node, index) in Items(key))
        {
            if (TextOf(node, $"{Join(key)}::{index}") is { } text)
            {
                texts.Add((text, node.Position));
            }
        }

        return texts;
    }

    /// <summary>A map of texts, such as headers; in order of the source.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isSecret">Whether the values must not be printed, as is right for headers.</param>
    public IReadOnlyList<KeyValuePair<string, string>> TextMap(string key, bool isSecret = true)
    {
        var texts = new List<KeyValuePair<string, string>>();
        foreach (var entry in Section(key).Entries())
        {
            var path = $"{Join(key)}::{entry.Key}";
            if (isSecret)
            {
                _errors.AddSecret(path);
            }

            if (TextOf(entry.Value, path) is { } text)
            {
                texts.Add(new(entry.Key, text));
            }
        }

        return texts;
    }

    /// <summary>One of a set of words, as its value.</summary>
    /// <typeparam name="T">What the word stands for.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    /// <param name="words">Every word that is allowed, with what it stands for.</param>
    public T Word<T>(string key, T defaultValue, params ReadOnlySpan<(string Word, T Value)> words) =>
        Word(key, defaultValue, StringComparison.Ordinal, words);

    /// <summary>One of a set of words, as its value.</summary>
    /// <typeparam name="T">What the word stands for.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    /// <param name="comparison">Whether capitals count; few settings of the Collector take either.</param>
    /// <param name="words">Every word that is allowed, with what it stands for.</param>
    public T Word<T>(
        string key, T defaultValue, StringComparison comparison, params ReadOnlySpan<(string Word, T Value)> words)
    {
        if (Text(key) is not { } text)
        {
            return defaultValue;
        }

        var allowed = new List<string>();
        foreach (var (word, value) in words)
        {
            if (word.Equals(text, comparison))
            {
                return value;
            }

            allowed.Add(word.Length == 0 ? "\"\"" : word);
        }

        Error(key, $"must be one of {string.Join(", ", allowed)}, got \"{ConfigWords.Shorten(text)}\"");
        return defaultValue;
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    public bool Bool(string key, bool defaultValue)
    {
        switch (Node(key))
        {
            case null:
                return defaultValue;
            case ConfigScalar { Kind: ScalarKind.Bool } scalar:
                return scalar.Text.Equals("true", StringComparison.OrdinalIgnoreCase);
            case { } node:
                _errors.Add(node.Position, Join(key), $"must be true or false, got {ConfigWords.Describe(node)}");
                return defaultValue;
        }
    }

    /// <summary>A whole number.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    /// <param name="min">The least allowed.</param>
    /// <param name="max">The greatest allowed.</param>
    public int Int32(string key, int defaultValue, int min = int.MinValue, int max = int.MaxValue) =>
        (int)Int64(key, defaultValue, min, max);

    /// <summary>A whole number.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    /// <param name="min">The least allowed.</param>
    /// <param name="max">The greatest allowed.</param>
    public long Int64(string key, long defaultValue, long min = long.MinValue, long max = long.MaxValue)
    {
        if (Node(key) is not { } node)
        {
            return defaultValue;
        }

        if ((node as ConfigScalar)?.Int64 is { } value && value >= min && value <= max)
        {
            return value;
        }

        var leadingZero = node is ConfigScalar { Kind: ScalarKind.Int, Text: ['0', >= '0' and <= '9', ..] }
            ? "; write 0o for octal, or leave out the leading zeros"
            : "";
        _errors.Add(node.Position, Join(key), $"must be a whole number{ConfigWords.Range(min, max)}, got {ConfigWords.Describe(node)}{leadingZero}");
        return defaultValue;
    }

    /// <summary>A number.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    /// <param name="min">The least allowed.</param>
    /// <param name="max">The greatest allowed.</param>
    public double Float(string key, double defaultValue, double min = double.MinValue, double max = double.MaxValue)
    {
        if (Node(key) is not { } node)
        {
            return defaultValue;
        }

        if ((node as ConfigScalar)?.Number is { } value && value >= min && value <= max)
        {
            return value;
        }

        _errors.Add(node.Position, Join(key), $"must be a number{ConfigWords.Range(min, max)}, got {ConfigWords.Describe(node)}");
        return defaultValue;
    }

    /// <summary>A duration in Go's form (<c>1h2m3.5s</c>, <c>200ms</c>); a bare whole number is nanoseconds, as in the Collector.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value when absent.</param>
    /// <param name="min">The least allowed; zero by default.</param>
    public TimeSpan Duration(string key, TimeSpan defaultValue, TimeSpan min = default)
    {
        if (Node(key) is not { } node)
        {
            return defaultValue;
        }

        // A number without a unit is nanoseconds where it is a number, and nothing where it is text.
        if (node is not ConfigScalar scalar || !GoDuration.TryParse(scalar.Text, out var value)
            || (scalar.Kind == ScalarKind.Text && !char.IsLetter(scalar.Text[^1]) && value != TimeSpan.Zero))
        {
            _errors.Add(node.Position, Join(key), $"must be a duration such as 200ms, 5s or 1m30s, got {ConfigWords.Describe(node)}");
            return defaultValue;
        }

        if (value == TimeSpan.Zero && scalar.Text.AsSpan().IndexOfAnyInRange('1', '9') >= 0)
        {
            _errors.Add(
                node.Position, Join(key), $"must be 0 or at least 100ns (a number without a unit is nanoseconds), got {scalar.Text}");
            return defaultValue;
        }

        if (value < min)
        {
            _errors.Add(node.Position, Join(key), $"must be {GoDuration.Format(min)} or more, got {scalar.Text}");
            return defaultValue;
        }

        return value;
    }

    /// <summary>A component id.</summary>
    /// <param name="key">The key.</param>
    public ComponentId? Id(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (ComponentId.TryParse(text, out var id, out var problem))
        {
            return id;
        }

        Error(key, $"{problem}, got \"{ConfigWords.Shorten(text)}\"");
        return null;
    }

    /// <summary>Refuses settings of the Collector that this build does not have, by name.</summary>
    /// <param name="why">What to use instead, or why it is not there; a clause.</param>
    /// <param name="keys">The keys.</param>
    public void Unsupported(string why, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Has(key))
            {
                Error(key, $"not supported by this build: {why}");
            }
        }
    }

    /// <summary>Adds a problem with a key of this section.</summary>
    /// <param name="key">The key; empty for the section itself.</param>
    /// <param name="problem">What is wrong and what is allowed, with the value found.</param>
    public void Error(string key, string problem)
    {
        var entry = key.Length == 0 ? null : _map?.Find(key);
        _errors.Add(entry?.Value.Position ?? _position, key.Length == 0 ? Path : Join(key), problem);
    }

    /// <summary>Adds a warning about a key of this section: it works, but an operator should know.</summary>
    /// <param name="key">The key; empty for the section itself.</param>
    /// <param name="problem">What is to be known.</param>
    public void Warning(string key, string problem)
    {
        var entry = key.Length == 0 ? null : _map?.Find(key);
        _errors.AddWarning(entry?.Value.Position ?? _position, key.Length == 0 ? Path : Join(key), problem);
    }

    /// <summary>Reports the keys that nobody asked for, each with the nearest known one.</summary>
    public void Finish()
    {
        foreach (var entry in _map?.Entries ?? [])
        {
            if (!_known.Contains(entry.Key))
            {
                var nearest = NearestWord.Find(entry.Key, _known);
                var hint = nearest is null ? "" : $"; did you mean \"{nearest}\"?";
                _errors.Add(entry.KeyPosition, Path, $"unknown key \"{entry.Key}\"{hint}");
            }
        }
    }
}
