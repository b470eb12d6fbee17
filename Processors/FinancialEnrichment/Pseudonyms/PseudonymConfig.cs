using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Matching;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>The section <c>pseudonymize</c>.</summary>
internal sealed record PseudonymConfig
{
    private const int CacheDefault = 16_384;
    private const int CacheMax = 1 << 20;

    /// <summary>Whether anything is replaced.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How.</summary>
    public PseudonymAlgorithm Algorithm { get; init; }

    /// <summary>Attributes whose whole value is replaced.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [BusinessKeys.CustomerId];

    /// <summary>What is replaced wherever it is found.</summary>
    public SensitiveValueKinds Patterns { get; init; } = SensitiveValueKinds.All;

    /// <summary>Expressions of the user's own, with the names that stand for what they find.</summary>
    public IReadOnlyList<(string Name, Utf8Pattern Pattern)> CustomPatterns { get; init; } = [];

    /// <summary>Salts by tenant; none means one that is generated at start.</summary>
    public IReadOnlyList<TenantSaltConfig> Salts { get; init; } = [];

    /// <summary>Pseudonyms that are remembered.</summary>
    public int CacheSize { get; init; } = CacheDefault;

    /// <summary>Reads the section.</summary>
    public static PseudonymConfig Read(ConfigSection section)
    {
        var config = new PseudonymConfig
        {
            Enabled = section.Bool("enabled", true),
            Algorithm = section.Word(
                "algorithm",
                PseudonymAlgorithm.Sm3,
                ("sm3", PseudonymAlgorithm.Sm3),
                ("hmac_sm3", PseudonymAlgorithm.HmacSm3),
                ("hmac_sha256", PseudonymAlgorithm.HmacSha256)),
            Attributes = section.Texts("attributes", BusinessKeys.CustomerId),
            Patterns = Kinds(section),
            CustomPatterns = Custom(section),
            Salts = TenantSaltConfig.ReadAll(section, "salts"),
            CacheSize = section.Int32("cache_size", CacheDefault, 0, CacheMax),
        };
        if (config.Enabled && config.Salts.Count == 0)
        {
            section.Warning("salts", "not set: a salt is generated at start, pseudonyms will not be the same after a restart");
        }

        section.Finish();
        return config;
    }

    private static SensitiveValueKinds Kinds(ConfigSection section)
    {
        if (section.Node("patterns") is null)
        {
            return SensitiveValueKinds.All;
        }

        var kinds = SensitiveValueKinds.None;
        foreach (var (text, _) in section.PlacedTexts("patterns"))
        {
            var kind = SensitiveValueKindNames.All.FirstOrDefault(kind => kind.Name == text).Kind;
            if (kind == SensitiveValueKinds.None)
            {
                section.Error("patterns", $"must be one of {string.Join(", ", SensitiveValueKindNames.All.Select(static k => k.Name))}, got \"{text}\"");
            }

            kinds |= kind;
        }

        return kinds;
    }

    private static List<(string, Utf8Pattern)> Custom(ConfigSection section)
    {
        var patterns = new List<(string, Utf8Pattern)>();
        foreach (var entry in section.Sections("custom_patterns"))
        {
            var name = entry.RequiredText("name");
            var text = entry.RequiredText("pattern");
            if (!Utf8Pattern.TryCompile(text, out var pattern, out var problem))
            {
                entry.Error("pattern", problem);
            }
            else if (pattern.IsMatch(""u8))
            {
                entry.Error("pattern", $"must not match the empty text, got \"{text}\"");
            }
            else
            {
                patterns.Add((name, pattern));
            }

            entry.Finish();
        }

        return patterns;
    }
}
