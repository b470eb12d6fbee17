using System.Buffers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>
/// HTTP/1.1 and HTTP/2 on one port without TLS. Kestrel takes such a port for HTTP/1.1 unless the connection carries
/// the features that TLS would have left there; a connection that begins with HTTP/2's preface (RFC 9113, 3.4) is
/// given them.
/// </summary>
internal static class PriorKnowledge
{
    private static ReadOnlySpan<byte> Preface => "PRI "u8;

    /// <summary>The application protocols a TLS listener offers for HTTP versions.</summary>
    public static List<SslApplicationProtocol> Alpn(HttpProtocols protocols) => protocols switch
    {
        HttpProtocols.Http2 => [SslApplicationProtocol.Http2],
        HttpProtocols.Http1 => [SslApplicationProtocol.Http11],
        _ => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };

    /// <param name="connection">The connection.</param>
    /// <param name="next">Serves it.</param>
    /// <param name="silenceMax">How long it may leave open which version it speaks.</param>
    public static async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next, TimeSpan silenceMax)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        silence.CancelAfter(silenceMax);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(silence.Token).ConfigureAwait(false);
                var verdict = IsPreface(read.Buffer);
                var undecided = verdict is null && !read.IsCompleted;
                input.AdvanceTo(read.Buffer.Start, undecided ? read.Buffer.End : read.Buffer.Start);
                if (undecided)
                {
                    continue;
                }

                if (verdict == true)
                {
                    var feature = new NegotiatedFeature();
                    connection.Features.Set<ITlsConnectionFeature>(feature);
                    connection.Features.Set<ITlsApplicationProtocolFeature>(feature);
                }

                break;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client went away, or never said anything: there is nobody to answer.
            return;
        }

        await next(connection).ConfigureAwait(false);
    }

    /// <summary>Null while the bytes could still become the preface.</summary>
    private static bool? IsPreface(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[4];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        if (!Preface.StartsWith(start[..length]))
        {
            return false;
        }

        return length == Preface.Length ? true : null;
    }

    private sealed class NegotiatedFeature : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        private static readonly ReadOnlyMemory<byte> Http2 = SslApplicationProtocol.Http2.Protocol;

        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol => Http2;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
            Task.FromResult<X509Certificate2?>(null);
    }
}
