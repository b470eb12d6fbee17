using System.Globalization;
using System.Linq;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Where a value stands in a configuration source.</summary>
/// <param name="Source">The file's path as given, or the source's name (<c>env:NAME</c>, <c>--set</c>).</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in characters, from 1.</param>
public readonly record struct SourcePosition(string Source, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Source}:{Line}:{Column}";
}

/// <summary>A value of a configuration: a tree of maps, lists and scalars with their positions. Immutable.</summary>
public abstract class ConfigNode
{
    /// <summary>Where the value stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>
    /// The text as it was before it was parsed as YAML, where the whole value came from an expansion such as
    /// <c>${env:NAME}</c>: a setting that is a string takes this (so <c>0123</c> stays <c>0123</c>). Null elsewhere.
    /// </summary>
    public string? ExpandedText { get; init; }

    /// <summary>Whether two values are the same for every reader of settings; positions and the order of keys do not count.</summary>
    /// <param name="other">The other value.</param>
    public bool SameAs(ConfigNode? other) => (this, other) switch
    {
        (ConfigScalar a, ConfigScalar b) => a.Kind == b.Kind && a.Text == b.Text && a.ExpandedText == b.ExpandedText,
        (ConfigList a, ConfigList b) => SameItems(a, b),
        (ConfigMap a, ConfigMap b) => SameEntries(a, b),
        _ => false,
    };

    private static bool SameItems(ConfigList a, ConfigList b)
    {
        var same = a.Items.Count == b.Items.Count;
        for (var i = 0; same && i < a.Items.Count; i++)
        {
            same = a.Items[i].SameAs(b.Items[i]);
        }

        return same;
    }

    private static bool SameEntries(ConfigMap a, ConfigMap b)
    {
        var same = a.Entries.Count == b.Entries.Count;
        for (var i = 0; same && i < a.Entries.Count; i++)
        {
            same = b.Find(a.Entries[i].Key) is { } entry && a.Entries[i].Value.SameAs(entry.Value);
        }

        return same;
    }
}

/// <summary>Keys and values, in the order of the source.</summary>
public sealed class ConfigMap : ConfigNode
{
    // From this many entries on, looking through them one by one costs more than an index.
    private const int IndexedCountMin = 16;

    private readonly Dictionary<string, ConfigEntry>? _index;

    /// <summary>The entries; keys are unique.</summary>
    public required IReadOnlyList<ConfigEntry> Entries
    {
        get;
        init
        {
            field = value;
            _index = value.Count < IndexedCountMin
                ? null
                : new Dictionary<string, ConfigEntry>(
                    value.Select(static entry => KeyValuePair.Create(entry.Key, entry)), StringComparer.Ordinal);
        }
    }

    /// <summary>The value of a key; null where the key is absent.</summary>
    /// <param name="key">The key.</param>
    public ConfigEntry? Find(string key)
    {
        if (_index is not null)
        {
            return _index.GetValueOrDefault(key);
        }

        foreach (var entry in Entries)
        {
            if (entry.Key == key)
            {
                return entry;
            }
        }

        return null;
    }
}

/// <summary>A key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="KeyPosition">Where the key stands.</param>
/// <param name="Value">The value.</param>
public sealed record ConfigEntry(string Key, SourcePosition KeyPosition, ConfigNode Value);

/// <summary>Values in order.</summary>
public sealed class ConfigList : ConfigNode
{
    /// <summary>The values.</summary>
    public required IReadOnlyList<ConfigNode> Items { get; init; }
}

/// <summary>What a scalar is by YAML's core schema.</summary>
public enum ScalarKind : byte
{
    /// <summary><c>null</c>, <c>~</c> or nothing.</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Bool,

    /// <summary>A whole number.</summary>
    Int,

    /// <summary>A number with a point or an exponent.</summary>
    Float,

    /// <summary>Text, or anything in quotes.</summary>
    Text,
}

/// <summary>One value.</summary>
public sealed class ConfigScalar : ConfigNode
{
    /// <summary>What it is.</summary>
    public required ScalarKind Kind { get; init; }

    /// <summary>Its text, without quotes.</summary>
    public required string Text { get; init; }

    /// <summary>What plain text, without quotes and without a tag, is in YAML.</summary>
    /// <param name="text">The text.</param>
    public static ScalarKind KindOf(string text) => YamlScalars.KindOf(text);

    /// <summary>
    /// Its value where it is a whole number of 64 bits: decimal, <c>0x1f</c> or <c>0o17</c>. A leading zero
    /// (<c>0123</c>) is no number: the Collector takes it as octal and YAML 1.2 as decimal.
    /// </summary>
    public long? Int64 => Kind != ScalarKind.Int || (Text.TrimStart('-', '+') is ['0', >= '0' and <= '9', ..]) ? null : Text switch
    {
        ['0', 'x', .. var hex] =>
            long.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value >= 0 ? value : null,
        ['0', 'o', .. var octal] => Octal(octal),
        _ => long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null,
    };

    /// <summary>Its value where it is a finite number.</summary>
    public double? Number => (Kind, Int64) switch
    {
        (ScalarKind.Int, { } whole) => whole,
        (ScalarKind.Float, _) when double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) => value,
        _ => null,
    };

    private static long? Octal(string digits)
    {
        var value = 0L;
        foreach (var digit in digits)
        {
            if (value > long.MaxValue >> 3)
            {
                return null;
            }

            value = (value << 3) | (long)(digit - '0');
        }

        return value;
    }
}
