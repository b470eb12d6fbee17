using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Receiver.Http;

/// <summary>The <c>cors</c> section: which web pages may send.</summary>
public sealed record CorsConfig
{
    /// <summary>Origins such as <c>https://app.example.com</c>; one <c>*</c> in each stands for anything.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Request headers that are allowed beside Accept, Content-Type, Content-Language and Accept-Language; <c>*</c> allows all.</summary>
    public IReadOnlyList<string> AllowedHeaders { get; init; } = [];

    /// <summary>Response headers that scripts may read.</summary>
    public IReadOnlyList<string> ExposedHeaders { get; init; } = [];

    /// <summary>How long a browser may keep the answer.</summary>
    /// <value>Seconds; 0, the default, leaves it to the browser (5 s).</value>
    public int MaxAgeSeconds { get; init; }

    internal static CorsConfig? Read(ConfigSection parent)
    {
        if (parent.Node("cors") is null)
        {
            return null;
        }

        var section = parent.Section("cors");
        var enabled = section.Bool("enabled", true);
        var config = new CorsConfig
        {
            AllowedOrigins = section.Texts("allowed_origins"),
            AllowedHeaders = section.Texts("allowed_headers"),
            ExposedHeaders = section.Texts("exposed_headers"),
            MaxAgeSeconds = section.Int32("max_age", 0, 0),
        };
        foreach (var origin in config.AllowedOrigins)
        {
            if (origin.IndexOf('*', StringComparison.Ordinal) != origin.LastIndexOf('*'))
            {
                section.Error("allowed_origins", $"must hold at most one * in each origin, got \"{origin}\"");
            }
        }

        section.Finish();

        // Without origins there is nobody to allow, as in the Collector.
        return enabled && config.AllowedOrigins.Count > 0 ? config : null;
    }
}
