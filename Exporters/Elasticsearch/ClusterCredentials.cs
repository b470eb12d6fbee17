using System.Text;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Elasticsearch;

/// <summary>Reads who we are.</summary>
internal static class ClusterCredentials
{
    /// <summary>Reads <c>user</c> and <c>password</c>, or <c>api_key</c>, into a header. A bearer token is a header already.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <param name="client">The connections' settings.</param>
    /// <returns>The same with the header.</returns>
    public static HttpClientConfig Read(ConfigSection section, HttpClientConfig client)
    {
        var user = section.Text("user");
        var password = section.Secret("password");
        var apiKey = section.Secret("api_key");
        if (string.IsNullOrEmpty(user) != string.IsNullOrEmpty(password?.Reveal()))
        {
            section.Error("", "user and password must be set together");
            return client;
        }

        string? credentials = null;
        if (!string.IsNullOrEmpty(user))
        {
            credentials = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password!.Reveal()}"));
        }

        if (apiKey is not null && apiKey.Reveal().Length > 0)
        {
            if (credentials is not null)
            {
                section.Error("api_key", "must not be set together with user and password");
                return client;
            }

            if (apiKey.Reveal().AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                section.Error("api_key", "must be the encoded key as the server shows it, in base64; the value is not shown");
                return client;
            }

            credentials = "ApiKey " + apiKey.Reveal();
        }

        if (credentials is null)
        {
            return client;
        }

        foreach (var name in client.Headers.Names)
        {
            if (name.Equals("authorization", StringComparison.OrdinalIgnoreCase))
            {
                section.Error("headers", "must not hold authorization together with user or api_key");
                return client;
            }
        }

        return client with { Headers = client.Headers.With("authorization", credentials) };
    }
}
