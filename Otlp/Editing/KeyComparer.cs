namespace TelemetryPipeline.Otlp.Editing;

/// <summary>Compares things that have numbers by keys that lie elsewhere.</summary>
internal abstract class KeyComparer : IEqualityComparer<int>, IAlternateEqualityComparer<ReadOnlySpan<byte>, int>
{
    public bool Equals(int x, int y) => x == y || KeyOf(x).SequenceEqual(KeyOf(y));

    public int GetHashCode(int obj) => GetHashCode(KeyOf(obj));

    public bool Equals(ReadOnlySpan<byte> alternate, int other) => alternate.SequenceEqual(KeyOf(other));

    // Seeded for the process, so that no sender can choose keys that meet.
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = default(HashCode);
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public int Create(ReadOnlySpan<byte> alternate) => throw new NotSupportedException("a key alone has no number");

    protected abstract ReadOnlySpan<byte> KeyOf(int number);
}
