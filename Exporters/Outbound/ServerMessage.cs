using System.Text;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Makes a text from outside fit for a log line.</summary>
internal static class ServerMessage
{
    private const int LengthMax = 512;

    /// <summary>At most 512 characters, on one line.</summary>
    /// <param name="text">The text as it came.</param>
    public static string Clean(string text)
    {
        var rest = text.Length <= LengthMax ? text.AsSpan() : text.AsSpan(0, LengthMax);
        var clean = new StringBuilder(rest.Length + 3);
        foreach (var c in rest)
        {
            clean.Append(char.IsControl(c) ? ' ' : c);
        }

        return clean.Append(rest.Length < text.Length ? "..." : "").ToString();
    }
}
