namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>The same bytes as a reader may meet them: a reader must not look outside of what it was given.</summary>
public static class Framings
{
    private const int Poison = 16;

    /// <summary>The payload alone, and in the middle of 0xFF bytes, which no protobuf message can begin or end with.</summary>
    public static IEnumerable<(string Name, ReadOnlyMemory<byte> Bytes)> Of(byte[] payload)
    {
        yield return ("whole", payload);
        var poisoned = new byte[payload.Length + (2 * Poison)];
        Array.Fill(poisoned, (byte)0xFF);
        payload.CopyTo(poisoned, Poison);
        yield return ("embedded in 0xFF", poisoned.AsMemory(Poison, payload.Length));
    }

    /// <summary>Every proper beginning of the payload.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Truncations(byte[] payload)
    {
        for (var length = 0; length < payload.Length; length++)
        {
            // A copy of its own, so that reading beyond the end is an exception and not the next byte.
            yield return payload.AsSpan(0, length).ToArray();
        }
    }
}
