using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Tls;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FieldEncryption.Keys;

namespace TelemetryPipeline.Processors.FieldEncryption.KeyService;

/// <summary>The section <c>key_service</c>: a service with the interface of Vault's transit engine.</summary>
internal sealed record KeyServiceConfig
{
    private const long UsesMaxDefault = 1 << 26;

    // NIST SP 800-38D allows 2^32 values under one key; a key is changed well before.
    private const long UsesMaxLimit = 1L << 31;

    /// <summary>Its address, <c>https://vault.example:8200</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Where the transit engine is mounted.</summary>
    public string Mount { get; init; } = "transit";

    /// <summary>The namespace, sent as <c>X-Vault-Namespace</c>; null for none.</summary>
    public string? Namespace { get; init; }

    /// <summary>The file that holds the token, read again for every request; null where it is in the environment or there is none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The environment variable that holds the token.</summary>
    public string? TokenEnvironment { get; init; }

    /// <summary>The longest wait for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a data key encrypts.</summary>
    public TimeSpan KeyLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many values a data key encrypts.</summary>
    public long UsesMax { get; init; } = UsesMaxDefault;

    /// <summary>TLS, where the address begins with https.</summary>
    public TlsClientConfig Tls { get; init; } = new();

    /// <summary>Reads the section; null where it is not there.</summary>
    /// <param name="parent">The section that may hold <c>key_service</c>.</param>
    public static KeyServiceConfig? Read(ConfigSection parent)
    {
        var isUsed = parent.Node("key_service") is not null;
        var section = parent.Section("key_service");
        var config = new KeyServiceConfig
        {
            Endpoint = ReadEndpoint(section, isUsed),
            Mount = section.Text("mount", "transit")!.Trim('/'),
            Namespace = section.Text("namespace"),
            TokenFile = section.Text("token_file"),
            TokenEnvironment = section.Text("token_env"),
            Timeout = section.Duration("timeout", TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(1)),
            KeyLifetime = section.Duration("key_lifetime", TimeSpan.FromHours(1), TimeSpan.FromSeconds(10)),
            UsesMax = section.Int64("max_uses", UsesMaxDefault, 4 * FieldKey.NonceBlock, UsesMaxLimit) / FieldKey.NonceBlock * FieldKey.NonceBlock,
            Tls = TlsClientConfig.Read(section),
        };
        if (isUsed && config.TokenFile is not null && config.TokenEnvironment is not null)
        {
            section.Error("", "must have at most one of \"token_file\" and \"token_env\"");
        }

        foreach (var part in config.Mount.Split('/'))
        {
            if (!ProtectedText.IsKeyId(System.Text.Encoding.UTF8.GetBytes(part)))
            {
                section.Error("mount", $"must be a path of letters, digits, and - _ . such as \"transit\", got \"{config.Mount}\"");
                break;
            }
        }

        section.Finish();
        return isUsed ? config : null;
    }

    private static Uri ReadEndpoint(ConfigSection section, bool isUsed)
    {
        var text = isUsed ? section.RequiredText("endpoint") : section.Text("endpoint", "")!;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri.Query.Length == 0 && uri.UserInfo.Length == 0 && uri.AbsolutePath == "/")
        {
            return uri;
        }

        if (text.Length > 0)
        {
            section.Error("endpoint", $"must be an address such as \"https://vault.example:8200\", without a path, got \"{text}\"");
        }

        return new Uri("http://localhost/");
    }
}
