using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>One source of a mapping.</summary>
/// <param name="Kind">Where it is.</param>
/// <param name="Key">The attribute, header or baggage entry; empty for the start time.</param>
internal sealed record MappingSource(SourceKind Kind, string Key);

/// <summary>One entry of <c>mappings</c>: an attribute and where its value comes from.</summary>
internal sealed record MappingConfig
{
    private const string HeaderPrefix = "header:";
    private const string ResourcePrefix = "resource:";
    private const string BaggagePrefix = "baggage:";
    private const string MetadataPrefix = "metadata:";
    private const string StartTime = "span:start_time";

    // How instrumentations record request headers: semantic conventions of HTTP, of RPC as it was and as it is.
    private static readonly string[] HeaderAttributes =
        ["http.request.header.", "rpc.request.metadata.", "rpc.grpc.request.metadata."];

    /// <summary>The attribute of the span that is set; one that is there already stays, in the right type.</summary>
    public required string To { get; init; }

    /// <summary>The sources, the first that has a value of the right form wins.</summary>
    public required IReadOnlyList<MappingSource> Sources { get; init; }

    /// <summary>What the value becomes.</summary>
    public MappedType Type { get; init; }

    /// <summary>Whether span attributes are removed once their value was taken.</summary>
    public bool RemoveSource { get; init; }

    /// <summary>A mapping from sources as they are written in a configuration.</summary>
    public static MappingConfig Of(string to, MappedType type, params ReadOnlySpan<string> from)
    {
        var sources = new List<MappingSource>();
        foreach (var text in from)
        {
            _ = TryAdd(sources, text);
        }

        return new MappingConfig { To = to, Type = type, Sources = sources };
    }

    /// <summary>Reads an entry.</summary>
    public static MappingConfig Read(ConfigSection entry)
    {
        var sources = new List<MappingSource>();
        foreach (var (text, _) in entry.PlacedTexts("from"))
        {
            if (!TryAdd(sources, text))
            {
                entry.Error(
                    "from",
                    "must be an attribute's key, or header:, resource:, baggage: or metadata: with a name, or "
                    + $"{StartTime}, got \"{text}\"");
            }
        }

        var mapping = new MappingConfig
        {
            To = entry.RequiredText("to"),
            Sources = sources,
            Type = entry.Word(
                "type",
                MappedType.Text,
                ("text", MappedType.Text),
                ("int", MappedType.Int),
                ("double", MappedType.Double),
                ("bool", MappedType.Bool),
                ("amount", MappedType.Amount),
                ("major_amount", MappedType.MajorAmount),
                ("timestamp_ms", MappedType.TimestampMs),
                ("currency", MappedType.Currency)),
            RemoveSource = entry.Bool("remove_source", false),
        };
        if (sources.Count == 0 && mapping.Type == MappedType.Text && entry.Node("from") is null)
        {
            entry.Error("from", "must be set, unless the type is to be changed");
        }

        entry.Finish();
        return mapping;
    }

    private static bool TryAdd(List<MappingSource> sources, string text)
    {
        if (text == StartTime)
        {
            sources.Add(new MappingSource(SourceKind.StartTime, ""));
            return true;
        }

        if (After(text, HeaderPrefix) is { } header)
        {
            AddHeader(sources, header);
            return header.Length > 0;
        }

        if (After(text, BaggagePrefix) is { } baggage)
        {
            sources.Add(new MappingSource(SourceKind.Span, "baggage." + baggage));
            sources.Add(new MappingSource(SourceKind.BaggageHeader, baggage));
            return baggage.Length > 0;
        }

        if (After(text, ResourcePrefix) is { } resource)
        {
            sources.Add(new MappingSource(SourceKind.Resource, resource));
            return resource.Length > 0;
        }

        if (After(text, MetadataPrefix) is { } metadata)
        {
            sources.Add(new MappingSource(SourceKind.Metadata, metadata));
            return metadata.Length > 0;
        }

        sources.Add(new MappingSource(SourceKind.Span, text));
        return text.Length > 0;
    }

    // Older instrumentations turn the dashes of a header's name into underscores.
    private static void AddHeader(List<MappingSource> sources, string header)
    {
        var name = header.ToLowerInvariant();
        foreach (var prefix in HeaderAttributes)
        {
            sources.Add(new MappingSource(SourceKind.Span, prefix + name));
        }

        if (name.Contains('-', StringComparison.Ordinal))
        {
            sources.Add(new MappingSource(SourceKind.Span, HeaderAttributes[0] + name.Replace('-', '_')));
        }
    }

    private static string? After(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;
}
