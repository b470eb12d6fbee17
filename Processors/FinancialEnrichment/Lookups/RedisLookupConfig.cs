using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>Hashes on a Redis server or cluster.</summary>
internal sealed record RedisLookupConfig
{
    /// <summary>Stands for the key in <see cref="Hash"/> and <see cref="Field"/>.</summary>
    public const string KeyPlace = "{key}";

    /// <summary>Servers, <c>host:port</c>.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>The hash; <c>{key}</c> in it is replaced by the key.</summary>
    public required string Hash { get; init; }

    /// <summary>The field of the hash; <c>{key}</c> in it is replaced by the key.</summary>
    public string Field { get; init; } = KeyPlace;

    /// <summary>The user; null for the default one.</summary>
    public string? UserName { get; init; }

    /// <summary>The password; null for none.</summary>
    public Secret? Password { get; init; }

    /// <summary>The database's number.</summary>
    public int Database { get; init; }

    /// <summary>Whether connections use TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>How long a server may take to answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="isUsed">Whether it is there at all.</param>
    public static RedisLookupConfig Read(ConfigSection section, bool isUsed)
    {
        var config = new RedisLookupConfig
        {
            Endpoints = section.Texts("endpoints"),
            Hash = isUsed ? section.RequiredText("hash") : section.Text("hash", "")!,
            Field = section.Text("field", KeyPlace)!,
            UserName = section.Text("username"),
            Password = section.Secret("password"),
            Database = section.Int32("database", 0, 0, 1023),
            Tls = section.Bool("tls", false),
            Timeout = section.Duration("timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(1)),
        };
        if (isUsed && config.Endpoints.Count == 0)
        {
            section.Error("endpoints", "must have at least one host:port");
        }

        if (isUsed && !config.Hash.Contains(KeyPlace, StringComparison.Ordinal) && !config.Field.Contains(KeyPlace, StringComparison.Ordinal))
        {
            section.Error("field", $"must contain {KeyPlace} where \"hash\" does not, got \"{config.Field}\"");
        }

        section.Finish();
        return config;
    }
}
