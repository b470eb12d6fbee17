using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Opens the TCP connections of an exporter.</summary>
/// <param name="receiveBufferSize">The socket's receive buffer in bytes; 0 leaves it to the system.</param>
/// <param name="sendBufferSize">The socket's send buffer in bytes; 0 leaves it to the system.</param>
/// <param name="address">The address to connect to; null tries those of the request's host in turn.</param>
/// <param name="proxy">The HTTP proxy that connects to the host; null for none.</param>
internal sealed class SocketConnector(int receiveBufferSize, int sendBufferSize, IPAddress? address = null, Uri? proxy = null)
{
    /// <summary>Connects; for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (receiveBufferSize > 0)
            {
                socket.ReceiveBufferSize = receiveBufferSize;
            }

            if (sendBufferSize > 0)
            {
                socket.SendBufferSize = sendBufferSize;
            }

            EndPoint target = proxy is not null ? new DnsEndPoint(proxy.DnsSafeHost, proxy.Port)
                : address is null ? context.DnsEndPoint
                : new IPEndPoint(address, context.DnsEndPoint.Port);
            await socket.ConnectAsync(target, cancellation).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            if (proxy is not null)
            {
                await ProxyTunnel.OpenAsync(stream, proxy, context.DnsEndPoint, cancellation).ConfigureAwait(false);
            }

            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
