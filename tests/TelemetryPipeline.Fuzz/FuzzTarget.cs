namespace TelemetryPipeline.Fuzz;

/// <summary>A parser of foreign bytes with its invariants.</summary>
internal sealed record FuzzTarget
{
    /// <summary>The name on the command line and of the corpus folder.</summary>
    public required string Name { get; init; }

    /// <summary>How inputs are built, which decides how they are mutated.</summary>
    public required InputForm Form { get; init; }

    /// <summary>Valid inputs to start from.</summary>
    public required Func<IEnumerable<byte[]>> Seeds { get; init; }

    /// <summary>Reads one input; any exception is a finding. Called by one thread at a time.</summary>
    public required FuzzRun Run { get; init; }

    /// <summary>Words that mean something to the parser.</summary>
    public IReadOnlyList<byte[]> Words { get; init; } = [];
}

/// <summary>Reads one input and checks the invariants.</summary>
/// <param name="input">The input; must not be changed.</param>
/// <param name="outcome">Collects everything that must be the same when the input is read again.</param>
internal delegate void FuzzRun(byte[] input, Outcome outcome);
