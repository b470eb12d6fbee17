using System.Net.Sockets;
using System.Security.Authentication;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Tells what went wrong below the protocol, as a reason label and a sentence.</summary>
internal static class TransportFailure
{
    /// <summary>Whether an exception is an expected failure of the network rather than a bug.</summary>
    /// <param name="failure">The exception.</param>
    public static bool IsExpected(Exception failure) =>
        failure is HttpRequestException or IOException or SocketException or AuthenticationException or OperationCanceledException;

    /// <summary>Whether no connection came about, so that the server cannot have seen the request.</summary>
    /// <param name="failure">The exception.</param>
    public static bool IsBeforeSending(Exception failure) => failure is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
            or HttpRequestError.VersionNegotiationError
    };

    /// <summary>The reason label: one of a closed set.</summary>
    /// <param name="failure">The exception.</param>
    public static string Reason(Exception failure)
    {
        if (failure is OperationCanceledException)
        {
            return "timeout";
        }

        if (Find<SocketException>(failure) is { } socket)
        {
            switch (socket.SocketErrorCode)
            {
                case SocketError.ConnectionRefused:
                    return "connection_refused";
                case SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown:
                    return "connection_reset";
                case SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery:
                    return "name_resolution_failed";
                case SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown:
                    return "host_unreachable";
                case SocketError.TimedOut:
                    return "timeout";
            }
        }

        return (failure as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "name_resolution_failed",
            HttpRequestError.ConnectionError => "connection_failed",
            HttpRequestError.SecureConnectionError => "tls_failed",
            HttpRequestError.ProxyTunnelError => "proxy_failed",
            HttpRequestError.VersionNegotiationError => "no_http2",
            _ when Find<AuthenticationException>(failure) is not null => "tls_failed",
            _ when Find<HttpProtocolException>(failure) is not null => "stream_reset",
            HttpRequestError.ResponseEnded => "connection_closed",
            HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse => "protocol_error",
            _ when failure is IOException or { InnerException: IOException } => "connection_closed",

            // All that is said of a server that breaks HTTP/2's handshake off.
            HttpRequestError.Unknown when failure.InnerException is null => "connection_failed",
            _ => "transport_failed",
        };
    }

    /// <summary>The innermost message, which names the cause.</summary>
    /// <param name="failure">The exception.</param>
    public static string Cause(Exception failure)
    {
        while (failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure.Message;
    }

    private static T? Find<T>(Exception? failure)
        where T : Exception
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is T found)
            {
                return found;
            }
        }

        return null;
    }
}
