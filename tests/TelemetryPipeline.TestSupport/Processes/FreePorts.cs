using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>TCP ports of the loopback interface that nobody uses.</summary>
public static class FreePorts
{
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
}
