using System.Globalization;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>One key of a tenant, where it is and when it encrypts.</summary>
internal sealed record KeyConfig
{
    /// <summary>The key's name, written into every value.</summary>
    public required string Id { get; init; }

    /// <summary>The file that holds it; null where it is in an environment variable.</summary>
    public string? File { get; init; }

    /// <summary>The environment variable that holds it.</summary>
    public string? Environment { get; init; }

    /// <summary>How it is written.</summary>
    public KeyEncoding Encoding { get; init; }

    /// <summary>From when on it encrypts; of several the latest counts.</summary>
    public DateTimeOffset From { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Until when it encrypts; it decrypts as long as it is there.</summary>
    public DateTimeOffset Until { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Where it is, for messages.</summary>
    public string Place => File ?? $"environment variable {Environment}";

    /// <summary>Reads an entry of <c>keys</c>.</summary>
    public static KeyConfig Read(ConfigSection entry)
    {
        var key = new KeyConfig
        {
            Id = entry.RequiredText("id"),
            File = entry.Text("file"),
            Environment = entry.Text("env"),
            Encoding = entry.Word(
                "encoding",
                KeyEncoding.Auto,
                ("auto", KeyEncoding.Auto),
                ("hex", KeyEncoding.Hex),
                ("base64", KeyEncoding.Base64),
                ("raw", KeyEncoding.Raw)),
            From = Time(entry, "from", DateTimeOffset.MinValue),
            Until = Time(entry, "until", DateTimeOffset.MaxValue),
        };
        if (key.Id.Length > 0 && !ProtectedText.IsKeyId(System.Text.Encoding.UTF8.GetBytes(key.Id)))
        {
            entry.Error("id", $"must be 1 to 64 letters, digits, and - _ . with a letter or digit first, got \"{key.Id}\"");
        }

        if ((key.File is null) == (key.Environment is null))
        {
            entry.Error("", "must have exactly one of \"file\" and \"env\"");
        }

        if (key.Environment is not null && key.Encoding == KeyEncoding.Raw)
        {
            entry.Error("encoding", "must be one of auto, hex, base64 for a key in the environment, got \"raw\"");
        }

        if (key.Until <= key.From)
        {
            entry.Error("until", "must be after \"from\"");
        }

        entry.Finish();
        return key;
    }

    private static DateTimeOffset Time(ConfigSection entry, string key, DateTimeOffset otherwise)
    {
        if (entry.Text(key) is not { } text)
        {
            return otherwise;
        }

        if (DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return time;
        }

        entry.Error(key, $"must be a time such as \"2026-01-31T00:00:00Z\", got \"{text}\"");
        return otherwise;
    }
}
