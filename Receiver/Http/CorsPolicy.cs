using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TelemetryPipeline.Receiver.Http;

/// <summary>Answers browsers that ask whether a page of another origin may send (the Fetch standard, 3.2 "CORS protocol").</summary>
internal sealed class CorsPolicy
{
    // Headers that a page may send as it likes; Content-Type is asked for as soon as it is JSON.
    private static readonly string[] AlwaysAllowed = ["accept", "accept-language", "content-language", "content-type"];

    private readonly CorsConfig _config;
    private readonly bool _anyHeader;
    private readonly string _exposed;

    public CorsPolicy(CorsConfig config)
    {
        _config = config;
        foreach (var header in config.AllowedHeaders)
        {
            _anyHeader |= header == "*";
        }

        _exposed = string.Join(", ", config.ExposedHeaders);
    }

    /// <summary>Adds the headers that an answer needs.</summary>
    /// <returns>Whether the request was a preflight, which is answered by this alone.</returns>
    public bool Answer(IHttpRequestFeature request, IHttpResponseFeature response)
    {
        var origin = request.Headers.Origin.ToString();
        var asked = request.Headers.AccessControlRequestMethod.ToString();
        var preflight = request.Method == "OPTIONS" && asked.Length > 0;
        response.Headers.Append("Vary", "Origin");
        if (preflight)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
        }

        if (origin.Length == 0 || !Allows(origin))
        {
            return preflight;
        }

        if (!preflight)
        {
            Allow(response, origin);
            if (_exposed.Length > 0)
            {
                response.Headers.AccessControlExposeHeaders = _exposed;
            }

            return false;
        }

        var headers = request.Headers.AccessControlRequestHeaders.ToString();
        if (asked == "POST" && AllowsHeaders(headers))
        {
            Allow(response, origin);
            response.Headers.AccessControlAllowMethods = "POST";
            if (headers.Length > 0)
            {
                response.Headers.AccessControlAllowHeaders = headers;
            }

            if (_config.MaxAgeSeconds > 0)
            {
                response.Headers.AccessControlMaxAge = _config.MaxAgeSeconds.ToString(CultureInfo.InvariantCulture);
            }
        }

        return true;
    }

    private static void Allow(IHttpResponseFeature response, string origin)
    {
        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.AccessControlAllowCredentials = "true";
    }

    private static bool Matches(string pattern, string origin)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return pattern.Equals(origin, StringComparison.OrdinalIgnoreCase);
        }

        return origin.Length >= pattern.Length - 1
            && origin.AsSpan().StartsWith(pattern.AsSpan(0, star), StringComparison.OrdinalIgnoreCase)
            && origin.AsSpan().EndsWith(pattern.AsSpan(star + 1), StringComparison.OrdinalIgnoreCase);
    }

    private bool Allows(string origin)
    {
        foreach (var pattern in _config.AllowedOrigins)
        {
            if (Matches(pattern, origin))
            {
                return true;
            }
        }

        return false;
    }

    private bool AllowsHeaders(string headers)
    {
        if (_anyHeader)
        {
            return true;
        }

        foreach (var range in headers.AsSpan().Split(','))
        {
            var header = headers.AsSpan()[range].Trim();
            if (!header.IsEmpty && !Contains(AlwaysAllowed, header) && !Contains(_config.AllowedHeaders, header))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Contains(IReadOnlyList<string> names, ReadOnlySpan<char> name)
    {
        foreach (var candidate in names)
        {
            if (name.Equals(candidate, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
