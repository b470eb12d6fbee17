using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>Reads and checks receivers' addresses, none of which is ever printed.</summary>
internal static class ReceiverUrl
{
    private const string AlertsPath = "api/v2/alerts";

    /// <summary>Reads <c>url</c> or <c>url_file</c>.</summary>
    /// <param name="section">The receiver's section.</param>
    /// <param name="kind">What it is.</param>
    public static SecretSource Read(ConfigSection section, ReceiverKind kind)
    {
        var source = SecretSource.Read(section, "url");
        if (source is null)
        {
            section.Error("", "must have a url or a url_file");
        }
        else if (source.Value is { } value && ProblemOf(value.Reveal()) is { } problem)
        {
            section.Error("url", $"{problem}; the value is not shown, since it may hold a key");
        }
        else if (kind == ReceiverKind.Alertmanager && source.Value?.Reveal().Contains('?', StringComparison.Ordinal) == true)
        {
            section.Error("url", $"must be the base of Alertmanager, to which {AlertsPath} is added, without a query");
        }

        return source ?? new SecretSource(null, null);
    }

    /// <summary>What speaks against an address; null when nothing does.</summary>
    /// <param name="text">The address.</param>
    public static string? ProblemOf(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            return "must be an http:// or https:// URL";
        }

        return url.UserInfo.Length > 0 ? "must not hold a user or password; use basic_auth" : null;
    }

    /// <summary>Where notifications go.</summary>
    /// <param name="text">The address as configured, without a problem.</param>
    /// <param name="kind">What is there.</param>
    public static Uri Target(string text, ReceiverKind kind) =>
        new(kind == ReceiverKind.Alertmanager ? $"{text.TrimEnd('/')}/{AlertsPath}" : text);
}
