using System.Text;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>How a receiver is shown who we are. Immutable.</summary>
internal sealed record Credentials
{
    /// <summary>The bearer token.</summary>
    public SecretSource? BearerToken { get; init; }

    /// <summary>The user of basic authentication.</summary>
    public string? Username { get; init; }

    /// <summary>The password of basic authentication.</summary>
    public SecretSource? Password { get; init; }

    /// <summary>Reads <c>bearer_token</c> and <c>basic_auth</c>.</summary>
    /// <param name="section">The receiver's section.</param>
    public static Credentials Read(ConfigSection section)
    {
        var basic = section.Section("basic_auth");
        var credentials = new Credentials
        {
            BearerToken = SecretSource.Read(section, "bearer_token"),
            Username = basic.Text("username"),
            Password = SecretSource.Read(basic, "password"),
        };
        if ((credentials.Username is null) != (credentials.Password is null))
        {
            basic.Error("", "must have both a username and a password (or password_file)");
        }

        if (credentials is { Username: not null, BearerToken: not null })
        {
            section.Error("basic_auth", "must not be set together with bearer_token");
        }

        basic.Finish();
        return credentials;
    }

    /// <summary>The value of the Authorization header; null where there is none.</summary>
    /// <param name="bearerToken">The token as read.</param>
    /// <param name="password">The password as read.</param>
    public string? AuthorizationOf(string bearerToken, string password) =>
        BearerToken is not null ? $"Bearer {bearerToken}"
        : Username is not null ? $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{password}"))}"
        : null;
}
