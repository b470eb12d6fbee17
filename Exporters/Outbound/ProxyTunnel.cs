using System.Net;
using System.Text;
using TelemetryPipeline.Pipeline.Proxies;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>
/// Has an HTTP proxy connect to a server (<c>CONNECT</c>, RFC 9110, 9.3.6). The transport does so by itself for TLS, but
/// not for HTTP/2 without it.
/// </summary>
internal static class ProxyTunnel
{
    private const int AnswerSizeMax = 16 * 1024;

    /// <summary>Opens the tunnel; what is then written to the stream goes to the server.</summary>
    /// <param name="stream">The connection to the proxy.</param>
    /// <param name="proxy">The proxy's URL, possibly with credentials.</param>
    /// <param name="server">The server.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">The proxy refuses.</exception>
    public static async ValueTask OpenAsync(Stream stream, Uri proxy, DnsEndPoint server, CancellationToken cancellation)
    {
        var name = server.Host.Contains(':', StringComparison.Ordinal) ? $"[{server.Host.Trim('[', ']')}]" : server.Host;
        var authority = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}:{server.Port}");
        var request = new StringBuilder($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {UserAgent.Text}\r\n");
        if (ProxyCredentials.Of(proxy) is { } credentials)
        {
            var token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.UserName}:{credentials.Password}"));
            request.Append("Proxy-Authorization: Basic ").Append(token).Append("\r\n");
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.Append("\r\n").ToString()), cancellation).ConfigureAwait(false);
        var status = await ReadStatusAsync(stream, cancellation).ConfigureAwait(false);
        if (!status.StartsWith("HTTP/1.", StringComparison.Ordinal) || status.AsSpan().IndexOf(" 2") != "HTTP/1.1".Length)
        {
            throw new IOException($"proxy {proxy.Host}:{proxy.Port} refuses to connect: {ServerMessage.Clean(status)}");
        }
    }

    // Byte by byte: what follows the answer's headers comes from the server already.
    private static async ValueTask<string> ReadStatusAsync(Stream stream, CancellationToken cancellation)
    {
        var answer = new List<byte>(256);
        var next = new byte[1];
        while (answer.Count < AnswerSizeMax)
        {
            if (await stream.ReadAsync(next, cancellation).ConfigureAwait(false) == 0)
            {
                throw new IOException("the proxy closed the connection");
            }

            answer.Add(next[0]);
            if (answer is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'])
            {
                var text = Encoding.Latin1.GetString([.. answer]);
                return text[..text.IndexOf('\r', StringComparison.Ordinal)];
            }
        }

        throw new IOException("the proxy's answer is too long");
    }
}
