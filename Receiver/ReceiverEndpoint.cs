using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Receiver;

/// <summary>Where a protocol listens: a TCP address or, with <c>transport: unix</c>, a socket file.</summary>
/// <param name="Tcp">Host and port; null for a socket file.</param>
/// <param name="UnixSocketPath">The socket file; null for TCP.</param>
public sealed record ReceiverEndpoint(ListenEndpoint? Tcp, string? UnixSocketPath)
{
    internal static ReceiverEndpoint Read(ConfigSection section, int defaultPort)
    {
        var byDefault = new ReceiverEndpoint(new ListenEndpoint("localhost", defaultPort), null);
        var unix = section.Word("transport", false, ("tcp", false), ("tcp4", false), ("unix", true));
        if (section.Text("endpoint") is not { } text)
        {
            if (unix)
            {
                section.Error("endpoint", "must be the path of a socket file with transport unix");
            }

            return byDefault;
        }

        if (unix)
        {
            return new ReceiverEndpoint(null, text);
        }

        if (ListenEndpoint.TryParse(text, out var endpoint, out var error))
        {
            return new ReceiverEndpoint(endpoint, null);
        }

        section.Error("endpoint", $"{error}, got \"{text}\"");
        return byDefault;
    }
}
