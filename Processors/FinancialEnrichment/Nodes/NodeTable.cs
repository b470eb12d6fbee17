using System.Collections.Frozen;
using System.Text;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Nodes;

/// <summary>Finds the node of a <c>service.name</c>: exact names first, then the longest prefix, then patterns in order. Immutable.</summary>
internal sealed class NodeTable
{
    /// <summary>Entries that a topology may have.</summary>
    public const int EntriesMax = 10_000;

    private readonly FrozenDictionary<byte[], NodeEntry>.AlternateLookup<ReadOnlySpan<byte>> _exact;
    private readonly (byte[] Prefix, NodeEntry Node)[] _prefixes;
    private readonly (Utf8Pattern Pattern, NodeEntry Node)[] _patterns;

    private NodeTable(
        Dictionary<byte[], NodeEntry> exact, List<(byte[] Prefix, NodeEntry Node)> prefixes, List<(Utf8Pattern, NodeEntry)> patterns)
    {
        _exact = exact.ToFrozenDictionary(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        prefixes.Sort(static (a, b) => b.Prefix.Length.CompareTo(a.Prefix.Length));
        _prefixes = [.. prefixes];
        _patterns = [.. patterns];
        Count = exact.Count + _prefixes.Length + _patterns.Length;
    }

    /// <summary>How many entries there are.</summary>
    public int Count { get; }

    /// <summary>The 17 nodes of a transfer, by name and, for deployments that append something, by prefix.</summary>
    public static NodeTable Shipped()
    {
        var exact = new Dictionary<byte[], NodeEntry>(Utf8Comparer.Instance);
        var prefixes = new List<(byte[], NodeEntry)>();
        foreach (var (type, names) in (ReadOnlySpan<(string, string[])>)
        [
            ("client", ["client-terminal"]),
            ("gateway", ["mobile-bank-gateway", "auth-service", "idempotency-guard"]),
            ("risk", ["risk-engine", "credit-check", "limit-check", "compliance-check"]),
            ("core", ["transfer-orchestrator", "account-core", "balance-ledger", "journal", "notification", "clearing-engine"]),
            ("pboc", ["interbank-switch", "pboc-front"]),
            ("reserve", ["reserve-account"]),
        ])
        {
            foreach (var name in names)
            {
                var node = new NodeEntry(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(type));
                exact.Add(node.Name, node);
                prefixes.Add((Encoding.UTF8.GetBytes(name + "-"), node));
            }
        }

        return new NodeTable(exact, prefixes, []);
    }

    /// <summary>Reads a topology file: <c>nodes</c>, a list of <c>type</c> with <c>service</c>, <c>prefix</c> or <c>pattern</c>.</summary>
    /// <param name="text">The file's content, YAML or JSON.</param>
    /// <param name="file">Its name, for problems.</param>
    /// <param name="problem">Every problem, a line each; null when all is well.</param>
    public static NodeTable? Parse(string text, string file, out string? problem)
    {
        var errors = new ConfigErrors();
        var exact = new Dictionary<byte[], NodeEntry>(Utf8Comparer.Instance);
        var prefixes = new List<(byte[], NodeEntry)>();
        var patterns = new List<(Utf8Pattern, NodeEntry)>();
        if (!YamlDocument.TryRead(text, file, out var root, out var error))
        {
            problem = error.ToString();
            return null;
        }

        var section = new ConfigSection(root, root.Position, "", errors);
        var entries = section.Sections("nodes");
        if (entries.Count is 0 or > EntriesMax)
        {
            section.Error("nodes", $"must have 1 to {EntriesMax} entries, got {entries.Count}");
        }

        foreach (var entry in entries)
        {
            Add(entry, exact, prefixes, patterns);
        }

        section.Finish();
        problem = errors.IsEmpty ? null : string.Join('\n', errors.Sorted());
        return problem is null ? new NodeTable(exact, prefixes, patterns) : null;
    }

    /// <summary>The node of a service; null when the topology does not know it.</summary>
    /// <param name="service">Its <c>service.name</c> in UTF-8.</param>
    public NodeEntry? Find(ReadOnlySpan<byte> service)
    {
        if (_exact.TryGetValue(service, out var node))
        {
            return node;
        }

        foreach (var (prefix, entry) in _prefixes)
        {
            if (service.StartsWith(prefix))
            {
                return entry;
            }
        }

        foreach (var (pattern, entry) in _patterns)
        {
            if (pattern.IsMatch(service))
            {
                return entry;
            }
        }

        return null;
    }

    private static void Add(
        ConfigSection entry,
        Dictionary<byte[], NodeEntry> exact,
        List<(byte[] Prefix, NodeEntry Node)> prefixes,
        List<(Utf8Pattern Pattern, NodeEntry Node)> patterns)
    {
        var service = entry.Text("service");
        var prefix = entry.Text("prefix");
        var pattern = entry.Text("pattern");
        var type = entry.RequiredText("type");
        var name = entry.Text("name") ?? service ?? prefix?.TrimEnd('-', '.', '_') ?? "";
        var node = new NodeEntry(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(type));
        if ((service, prefix, pattern) is not ((not null, null, null) or (null, not null, null) or (null, null, not null)))
        {
            entry.Error("", "must have exactly one of \"service\", \"prefix\" and \"pattern\"");
        }
        else if (service is not null && !exact.TryAdd(Encoding.UTF8.GetBytes(service), node))
        {
            entry.Error("service", $"is there twice: \"{service}\"");
        }
        else if (prefix is not null)
        {
            prefixes.Add((Encoding.UTF8.GetBytes(prefix), node));
        }
        else if (pattern is not null)
        {
            AddPattern(entry, pattern, node, patterns);
        }

        entry.Finish();
    }

    private static void AddPattern(
        ConfigSection entry, string pattern, NodeEntry node, List<(Utf8Pattern Pattern, NodeEntry Node)> patterns)
    {
        if (node.Name.Length == 0)
        {
            entry.Error("name", "must be set where services are found by \"pattern\"");
        }

        if (Utf8Pattern.TryCompile(pattern, out var compiled, out var problem))
        {
            patterns.Add((compiled, node));
        }
        else
        {
            entry.Error("pattern", problem);
        }
    }
}
