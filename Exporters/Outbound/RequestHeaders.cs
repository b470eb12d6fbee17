using System.Buffers;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>The <c>headers</c> of an exporter: names in clear, values secret.</summary>
internal sealed class RequestHeaders
{
    private const int SecretLengthMin = 4;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~");

    private readonly List<KeyValuePair<string, Secret>> _headers;

    private RequestHeaders(List<KeyValuePair<string, Secret>> headers) => _headers = headers;

    /// <summary>No headers.</summary>
    public static RequestHeaders None { get; } = new([]);

    /// <summary>The headers' names.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            foreach (var header in _headers)
            {
                yield return header.Key;
            }
        }
    }

    /// <summary>These headers and one more.</summary>
    /// <param name="name">Its name, which none of them has.</param>
    /// <param name="value">Its value.</param>
    public RequestHeaders With(string name, string value) => new([.. _headers, new(name, new Secret(value))]);

    /// <summary>Reads the <c>headers</c> map of an exporter's section.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <param name="problemOf">What speaks against a header name in this protocol, or null.</param>
    public static RequestHeaders Read(ConfigSection section, Func<string, string?> problemOf)
    {
        var headers = new List<KeyValuePair<string, Secret>>();
        var map = section.Section("headers");
        foreach (var (name, value) in section.TextMap("headers"))
        {
            var problem = name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters)
                ? "must have the name of an HTTP header, letters, digits and !#$%&'*+-.^_`|~"
                : value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0
                    ? "must have a value without line breaks; the value is not shown"
                    : problemOf(name);
            if (problem is not null)
            {
                map.Error(name, problem);
                continue;
            }

            headers.Add(new(name, new Secret(value)));
        }

        return new RequestHeaders(headers);
    }

    /// <summary>Puts the headers on a request, replacing those of the same name.</summary>
    /// <param name="request">The request.</param>
    public void AddTo(HttpRequestMessage request)
    {
        foreach (var (name, value) in _headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value.Reveal());
        }
    }

    /// <summary>Masks header values in a text from outside: a server may quote what it refused.</summary>
    /// <param name="text">The text.</param>
    public string Redact(string text)
    {
        foreach (var (_, value) in _headers)
        {
            var secret = value.Reveal();
            if (secret.Length >= SecretLengthMin)
            {
                text = text.Replace(secret, Secret.Mask, StringComparison.Ordinal);
                var space = secret.IndexOf(' ', StringComparison.Ordinal);
                if (space > 0 && secret.Length - space - 1 >= SecretLengthMin)
                {
                    // The credentials behind a scheme such as "Bearer".
                    text = text.Replace(secret[(space + 1)..], Secret.Mask, StringComparison.Ordinal);
                }
            }
        }

        return text;
    }
}
