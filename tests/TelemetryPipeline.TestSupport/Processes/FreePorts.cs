using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>TCP ports of the loopback interface that nobody uses.</summary>
public static class FreePorts
{
    // A server that a test has stopped does not hold its port; another test must not be given it meanwhile.
    private static readonly HashSet<int> Lasting = [];

    /// <summary>So many different ports, for a program that cannot tell which one it chose.</summary>
    public static int[] Take(int count)
    {
        // All are held until all are known, so that none is given twice.
        var listeners = new TcpListener[count];
        var ports = new int[count];
        for (var i = 0; i < count; i++)
        {
            listeners[i] = new TcpListener(IPAddress.Loopback, 0);
            listeners[i].Start();
            ports[i] = ((IPEndPoint)listeners[i].LocalEndpoint).Port;
        }

        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        return ports;
    }

    /// <summary>
    /// So many different ports below those that the system gives to outgoing connections, for servers that are stopped
    /// and started again: a client that tries to connect meanwhile must not be given their port for itself.
    /// </summary>
    public static int[] TakeLasting(int count)
    {
        const int First = 15_000;
        const int Last = 32_000;
        var listeners = new List<TcpListener>();
        var random = new Random();
        while (listeners.Count < count)
        {
            var listener = new TcpListener(IPAddress.Loopback, random.Next(First, Last));
            try
            {
                listener.Start();
            }
            catch (SocketException)
            {
                listener.Dispose(); // taken, by another program or by the list
                continue;
            }

            lock (Lasting)
            {
                if (Lasting.Add(((IPEndPoint)listener.LocalEndpoint).Port))
                {
                    listeners.Add(listener);
                    continue;
                }
            }

            listener.Dispose();
        }

        var ports = new int[count];
        for (var i = 0; i < count; i++)
        {
            ports[i] = ((IPEndPoint)listeners[i].LocalEndpoint).Port;
            listeners[i].Dispose();
        }

        return ports;
    }
}
