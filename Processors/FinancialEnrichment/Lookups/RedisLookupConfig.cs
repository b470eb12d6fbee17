using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>Hashes in Redis.</summary>
internal sealed record RedisLookupConfig
{
    /// <summary>Stands for the key in <see cref="Hash"/> and <see cref="Field"/>.</summary>
    public const string KeyPlace = "{key}";

    /// <summary>Where Redis is and who connects.</summary>
    public required RedisConnectionConfig Connection { get; init; }

    /// <summary>The hash; <c>{key}</c> in it is replaced by the key.</summary>
    public required string Hash { get; init; }

    /// <summary>The field of the hash; <c>{key}</c> in it is replaced by the key.</summary>
    public string Field { get; init; } = KeyPlace;

    /// <summary>How long a server may take to answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="isUsed">Whether it is there at all.</param>
    public static RedisLookupConfig Read(ConfigSection section, bool isUsed)
    {
        var config = new RedisLookupConfig
        {
            Connection = RedisConnectionConfig.Read(section, isUsed),
            Hash = isUsed ? section.RequiredText("hash") : section.Text("hash", "")!,
            Field = section.Text("field", KeyPlace)!,
            Timeout = section.Duration("timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(1)),
        };
        if (isUsed && !config.Hash.Contains(KeyPlace, StringComparison.Ordinal) && !config.Field.Contains(KeyPlace, StringComparison.Ordinal))
        {
            section.Error("field", $"must contain {KeyPlace} where \"hash\" does not, got \"{config.Field}\"");
        }

        section.Finish();
        return config;
    }
}
