using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Opens the TCP connections of an exporter.</summary>
/// <param name="receiveBufferSize">The socket's receive buffer in bytes; 0 leaves it to the system.</param>
/// <param name="sendBufferSize">The socket's send buffer in bytes; 0 leaves it to the system.</param>
/// <param name="address">The address to connect to; null tries those of the request's host in turn.</param>
internal sealed class SocketConnector(int receiveBufferSize, int sendBufferSize, IPAddress? address = null)
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

            EndPoint target = address is null ? context.DnsEndPoint : new IPEndPoint(address, context.DnsEndPoint.Port);
            await socket.ConnectAsync(target, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
