using System.Text;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>The section <c>hash</c>: how and with which keys fields are hashed.</summary>
internal sealed record HashConfig
{
    /// <summary>How.</summary>
    public PseudonymAlgorithm Algorithm { get; init; } = PseudonymAlgorithm.HmacSha256;

    /// <summary>Keys by tenant.</summary>
    public IReadOnlyList<TenantSaltConfig> Keys { get; init; } = [];

    /// <summary>Reads the section.</summary>
    public static HashConfig Read(ConfigSection section)
    {
        var config = new HashConfig
        {
            Algorithm = section.Word(
                "algorithm",
                PseudonymAlgorithm.HmacSha256,
                ("hmac_sha256", PseudonymAlgorithm.HmacSha256),
                ("hmac_sm3", PseudonymAlgorithm.HmacSm3),
                ("sm3", PseudonymAlgorithm.Sm3)),
            Keys = TenantSaltConfig.ReadAll(section, "keys"),
        };
        foreach (var tenant in config.Keys)
        {
            foreach (var key in tenant.Keys)
            {
                if (key.Id.Length > 0 && !ProtectedText.IsKeyId(Encoding.UTF8.GetBytes(key.Id)))
                {
                    section.Error("keys", $"must have ids of 1 to 64 letters, digits, and - _ . with a letter or digit first, got \"{key.Id}\"");
                }
            }
        }

        section.Finish();
        return config;
    }
}
