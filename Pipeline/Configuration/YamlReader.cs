using System.Diagnostics.CodeAnalysis;
using System.Linq;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>
/// Reads YAML 1.2 text into a <see cref="ConfigNode"/>: core schema, anchors, aliases and merge keys (<c>&lt;&lt;</c>);
/// a key that is there twice, a second document, and tags beyond the core schema are errors.
/// </summary>
public sealed class YamlReader
{
    private const string MergeKey = "<<";
    private readonly Dictionary<string, Anchored?> _anchors = new(StringComparer.Ordinal);
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly string _source;
    private readonly int _columnOffset;
    private int _nodeCount;

    private YamlReader(string text, string source, int columnOffset)
    {
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
        _source = source;
        _columnOffset = columnOffset;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="text">The text; empty text is a null value.</param>
    /// <param name="source">Name of the source for positions.</param>
    /// <param name="node">The value.</param>
    /// <param name="error">Where and why the text is not valid.</param>
    /// <param name="columnOffset">Added to every column, for a text that begins inside a line.</param>
    public static bool TryRead(
        string text,
        string source,
        [NotNullWhen(true)] out ConfigNode? node,
        [NotNullWhen(false)] out ConfigError? error,
        int columnOffset = 0)
    {
        node = null;
        error = null;
        if (text.Length > YamlLimits.SourceLengthMax)
        {
            error = new ConfigError(
                new SourcePosition(source, 1, 1), "", $"must be at most {YamlLimits.SourceLengthMax} characters long, got {text.Length}");
            return false;
        }

        var reader = new YamlReader(text, source, columnOffset);
        try
        {
            node = reader.ReadStream();
            return true;
        }
        catch (YamlException exception)
        {
            error = new ConfigError(reader.At(exception.Start), "", $"not valid YAML: {Reason(exception)}");
            return false;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner gives up in these ways on some texts, an open bracket before a colon for example.
            var at = reader.At(reader._scanner.CurrentPosition);
            error = new ConfigError(at, "", "not valid YAML: cannot read on here; is a bracket, a quote or a tag left open?");
            return false;
        }
    }

    private static string Reason(YamlException exception)
    {
        Exception cause = exception;
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause.Message.TrimEnd('.') is { Length: > 0 } message ? message : "unexpected text";
    }

    private static YamlException Fault(Mark at, string message) => new(at, at, message);

    private ConfigNode ReadStream()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out var empty))
        {
            return new ConfigScalar { Kind = ScalarKind.Null, Text = "", Position = At(empty.Start) };
        }

        _parser.Consume<DocumentStart>();
        var node = ReadNode(0).Node;
        _parser.Consume<DocumentEnd>();
        return _parser.Accept<DocumentStart>(out var second)
            ? throw Fault(second.Start, "a second document; one source holds one document")
            : node;
    }

    private Anchored ReadNode(int depth)
    {
        if (depth > YamlLimits.DepthMax)
        {
            throw Fault(_parser.Current!.Start, $"nested deeper than {YamlLimits.DepthMax} levels");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            var target = Resolve(alias);
            Count(target.Size, alias.Start);
            return depth + target.Depth > YamlLimits.DepthMax
                ? throw Fault(alias.Start, $"nested deeper than {YamlLimits.DepthMax} levels")
                : target;
        }

        Count(1, _parser.Current!.Start);
        var anchor = (_parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        if (!anchor.IsEmpty)
        {
            _anchors[anchor.Value] = null;
        }

        var sizeBefore = _nodeCount - 1;
        var (node, below) = _parser.Current switch
        {
            MappingStart => ReadMap(depth),
            SequenceStart => ReadList(depth),
            _ => (ReadScalar(), 0),
        };
        var read = new Anchored(node, _nodeCount - sizeBefore, below);
        if (!anchor.IsEmpty)
        {
            _anchors[anchor.Value] = read;
        }

        return read;
    }

    private Anchored Resolve(AnchorAlias alias) => _anchors.TryGetValue(alias.Value.Value, out var target)
        ? target ?? throw Fault(alias.Start, $"the anchor \"{alias.Value.Value}\" contains itself")
        : throw Fault(alias.Start, $"no anchor \"{alias.Value.Value}\" before this alias");

    private ConfigScalar ReadScalar()
    {
        var scalar = _parser.Consume<Scalar>();
        return YamlScalars.TryType(scalar, out var kind, out var problem)
            ? new ConfigScalar { Kind = kind, Text = scalar.Value, Position = At(scalar.Start) }
            : throw Fault(scalar.Start, problem);
    }

    private (ConfigNode Node, int Depth) ReadList(int depth)
    {
        var start = _parser.Consume<SequenceStart>();
        CheckTag(start, YamlScalars.ListTag);
        var items = new List<ConfigNode>();
        var below = 0;
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            var item = ReadNode(depth + 1);
            items.Add(item.Node);
            below = Math.Max(below, item.Depth + 1);
        }

        return (new ConfigList { Items = items, Position = At(start.Start) }, below);
    }

    private (ConfigNode Node, int Depth) ReadMap(int depth)
    {
        var start = _parser.Consume<MappingStart>();
        CheckTag(start, YamlScalars.MapTag);
        var entries = new List<ConfigEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var merged = new List<ConfigMap>();
        var below = 0;
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key))
            {
                throw Fault(_parser.Current!.Start, "a key must be a single value");
            }

            if (!keys.Add(key.Value))
            {
                throw Fault(key.Start, $"the key \"{key.Value}\" is there twice in one map");
            }

            var value = ReadNode(depth + 1);
            below = Math.Max(below, value.Depth + 1);
            if (key is { Value: MergeKey, Style: ScalarStyle.Plain })
            {
                CollectMerged(value.Node, key.Start, merged);
            }
            else
            {
                entries.Add(new ConfigEntry(key.Value, At(key.Start), value.Node));
            }
        }

        foreach (var entry in merged.SelectMany(static map => map.Entries))
        {
            if (keys.Add(entry.Key))
            {
                entries.Add(entry);
            }
        }

        return (new ConfigMap { Entries = entries, Position = At(start.Start) }, below);
    }

    // An earlier map of a list wins over a later one, and the map's own keys over both (yaml.org/type/merge.html).
    private static void CollectMerged(ConfigNode value, Mark at, List<ConfigMap> merged)
    {
        switch (value)
        {
            case ConfigMap map:
                merged.Add(map);
                break;
            case ConfigList list when list.Items.All(static item => item is ConfigMap):
                merged.AddRange(list.Items.Cast<ConfigMap>());
                break;
            default:
                throw Fault(at, "the merge key << takes a map or a list of maps");
        }
    }

    private static void CheckTag(NodeEvent node, string allowed)
    {
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && node.Tag.Value != allowed)
        {
            throw Fault(node.Start, $"the tag {node.Tag.Value} is not supported");
        }
    }

    private void Count(int nodes, Mark at)
    {
        _nodeCount += nodes;
        if (_nodeCount > YamlLimits.NodesMax)
        {
            throw Fault(at, $"more than {YamlLimits.NodesMax} values");
        }
    }

    private SourcePosition At(Mark mark) =>
        new(_source, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column) + (mark.Line <= 1 ? _columnOffset : 0));

    private sealed record Anchored(ConfigNode Node, int Size, int Depth);
}
