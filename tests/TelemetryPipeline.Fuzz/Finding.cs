namespace TelemetryPipeline.Fuzz;

/// <summary>An input that broke an invariant.</summary>
/// <param name="Input">The input, made as small as it was possible.</param>
/// <param name="Kind">The exception and where it came from: findings of one kind have one cause.</param>
/// <param name="Failure">The exception.</param>
internal sealed record Finding(byte[] Input, string Kind, Exception Failure)
{
    /// <summary>What an exception says of its cause: its type and the innermost frame of the product.</summary>
    /// <param name="failure">The exception.</param>
    public static string KindOf(Exception failure)
    {
        if (failure is FuzzFailureException)
        {
            return failure.Message;
        }

        foreach (var line in (failure.StackTrace ?? "").Split('\n'))
        {
            if (line.Contains("TelemetryPipeline.", StringComparison.Ordinal) && !line.Contains("TelemetryPipeline.Fuzz", StringComparison.Ordinal))
            {
                var end = line.IndexOf('(', StringComparison.Ordinal);
                return $"{failure.GetType().Name} {(end < 0 ? line : line[..end]).Trim()}";
            }
        }

        return failure.GetType().Name;
    }
}
