using System.Globalization;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>How the text of a salt becomes bytes.</summary>
internal enum SaltEncoding : byte
{
    /// <summary>UTF-8.</summary>
    Text,

    /// <summary>Hexadecimal digits.</summary>
    Hex,

    /// <summary>Base64.</summary>
    Base64,
}

/// <summary>One salt of a tenant and when it is used.</summary>
internal sealed record SaltKeyConfig
{
    /// <summary>The salt's name, written beside pseudonyms so that their reader knows which one made them.</summary>
    public required string Id { get; init; }

    /// <summary>The file that holds the salt; null where it is in an environment variable.</summary>
    public string? File { get; init; }

    /// <summary>The environment variable that holds the salt.</summary>
    public string? Environment { get; init; }

    /// <summary>How the salt is written.</summary>
    public SaltEncoding Encoding { get; init; }

    /// <summary>From when on new pseudonyms are made with it; of several the latest counts.</summary>
    public DateTimeOffset From { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Until when the pseudonym under it is written beside that of its successor.</summary>
    public DateTimeOffset Until { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Reads an entry of <c>keys</c>.</summary>
    public static SaltKeyConfig Read(ConfigSection entry)
    {
        var key = new SaltKeyConfig
        {
            Id = entry.RequiredText("id"),
            File = entry.Text("file"),
            Environment = entry.Text("env"),
            Encoding = entry.Word(
                "encoding", SaltEncoding.Text, ("text", SaltEncoding.Text), ("hex", SaltEncoding.Hex), ("base64", SaltEncoding.Base64)),
            From = Time(entry, "from"),
            Until = Time(entry, "until"),
        };
        if ((key.File is null) == (key.Environment is null))
        {
            entry.Error("", "must have exactly one of \"file\" and \"env\"");
        }

        entry.Finish();
        return key;
    }

    private static DateTimeOffset Time(ConfigSection entry, string key)
    {
        if (entry.Text(key) is not { } text)
        {
            return DateTimeOffset.MinValue;
        }

        if (DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return time;
        }

        entry.Error(key, $"must be a time such as \"2026-01-31T00:00:00Z\", got \"{text}\"");
        return DateTimeOffset.MinValue;
    }
}
