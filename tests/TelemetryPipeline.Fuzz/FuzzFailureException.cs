namespace TelemetryPipeline.Fuzz;

/// <summary>A broken invariant.</summary>
/// <param name="message">Which.</param>
internal sealed class FuzzFailureException(string message) : Exception(message)
{
    /// <summary>Throws unless an invariant holds.</summary>
    public static void ThrowUnless(bool holds, string invariant)
    {
        if (!holds)
        {
            throw new FuzzFailureException(invariant);
        }
    }
}
