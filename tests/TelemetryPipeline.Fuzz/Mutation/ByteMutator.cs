namespace TelemetryPipeline.Fuzz.Mutation;

/// <summary>Changes bytes without regard to what they mean.</summary>
internal sealed class ByteMutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int RunMax = 32;

    private static readonly byte[] Edges = [0, 1, 0x7f, 0x80, 0xff, 0x20, (byte)'"', (byte)'\\', 0xc3, 0xed, 0xf4];

    public void Mutate(List<byte> made, byte[] other)
    {
        var at = random.Next(made.Count + 1);
        var run = Math.Min(1 + random.Next(RunMax), made.Count - at);
        switch (random.Next(9))
        {
            case 0 when run > 0:
                made[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when run > 0:
                made[at] = (byte)random.Next(256);
                break;
            case 2 when run > 0:
                made[at] = Edges[random.Next(Edges.Length)];
                break;
            case 3 when run > 0:
                made.RemoveRange(at, run);
                break;
            case 4 when run > 0:
                made.InsertRange(random.Next(made.Count + 1), made.GetRange(at, run));
                break;
            case 5 when other.Length > 0:
                var from = random.Next(other.Length);
                made.InsertRange(at, other.AsSpan(from, Math.Min(1 + random.Next(4 * RunMax), other.Length - from)).ToArray());
                break;
            case 6 when words.Count > 0:
                made.InsertRange(at, words[random.Next(words.Count)]);
                break;
            case 7 when run > 0:
                made.RemoveRange(at, made.Count - at);
                break;
            default:
                made.Insert(at, (byte)random.Next(256));
                break;
        }
    }
}
