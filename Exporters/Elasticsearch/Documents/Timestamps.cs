using System.Buffers.Text;
using System.Text.Json;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Times in the two forms that documents have.</summary>
internal static class Timestamps
{
    private const ulong NsPerMs = 1_000_000;
    private const int MillisLength = 32;

    /// <summary>Milliseconds since the Unix epoch with the nanoseconds behind the point: what <c>epoch_millis</c> reads without a loss.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="timeNs">The time in nanoseconds.</param>
    public static void WriteMillis(Utf8JsonWriter json, ulong timeNs)
    {
        Span<byte> text = stackalloc byte[MillisLength];
        Utf8Formatter.TryFormat(timeNs / NsPerMs, text, out var length);
        text[length++] = (byte)'.';
        Digits(text.Slice(length, 6), timeNs % NsPerMs);
        json.WriteStringValue(text[..(length + 6)]);
    }

    /// <summary>ISO 8601 in UTC with nine digits.</summary>
    /// <param name="timeNs">The time in nanoseconds.</param>
    /// <param name="text">Takes 30 characters.</param>
    public static void WriteIso(ulong timeNs, Span<byte> text)
    {
        const ulong NsPerSecond = 1_000_000_000;
        var seconds = Math.Min(timeNs / NsPerSecond, 253_402_300_799UL);
        var date = DateTime.UnixEpoch.AddSeconds(seconds);
        Utf8Formatter.TryFormat(date, text, out _, 'O');
        Digits(text.Slice(20, 9), timeNs % NsPerSecond);
        text[29] = (byte)'Z';
    }

    private static void Digits(Span<byte> text, ulong number)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = (byte)('0' + (number % 10));
            number /= 10;
        }
    }
}
