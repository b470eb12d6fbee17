namespace TelemetryPipeline.Fuzz.Mutation;

/// <summary>Makes new inputs of known ones. Everything comes from the random generator, so a seed repeats a run.</summary>
/// <param name="random">The generator.</param>
/// <param name="form">How inputs are built.</param>
/// <param name="words">Words that mean something to the target.</param>
internal sealed class Mutator(Random random, InputForm form, IReadOnlyList<byte[]> words)
{
    /// <summary>Options in front of <see cref="InputForm.OptionsAndProtobuf"/>.</summary>
    public const int OptionBytes = 2;

    private const int StepsMax = 6;

    private readonly ByteMutator _bytes = new(random, words);
    private readonly ProtobufMutator _protobuf = new(random, words);
    private readonly TokenMutator _tokens = new(random, words, form == InputForm.Json);

    /// <summary>Makes an input.</summary>
    /// <param name="input">What to begin with.</param>
    /// <param name="other">What to splice in.</param>
    /// <param name="lengthMax">Its longest length.</param>
    public byte[] Mutate(byte[] input, byte[] other, int lengthMax)
    {
        var made = new List<byte>(input);
        for (var steps = 1 + random.Next(StepsMax); steps > 0; steps--)
        {
            Step(made, other);
            if (made.Count > lengthMax)
            {
                made.RemoveRange(lengthMax, made.Count - lengthMax);
            }
        }

        return [.. made];
    }

    private void Step(List<byte> made, byte[] other)
    {
        if (random.Next(3) == 0 || form == InputForm.Bytes)
        {
            _bytes.Mutate(made, other);
            return;
        }

        switch (form)
        {
            case InputForm.Protobuf:
                _protobuf.Mutate(made, 0, other);
                break;
            case InputForm.OptionsAndProtobuf when made.Count > 0 && random.Next(4) == 0:
                made[random.Next(Math.Min(OptionBytes, made.Count))] = (byte)random.Next(256);
                break;
            case InputForm.OptionsAndProtobuf:
                _protobuf.Mutate(made, OptionBytes, other);
                break;
            default:
                _tokens.Mutate(made, other);
                break;
        }
    }
}
