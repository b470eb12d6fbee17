namespace TelemetryPipeline.Fuzz;

/// <summary>A broken invariant.</summary>
/// <param name="message">Which.</param>
/// <param name="detail">What differs from input to input, and so is no part of the kind of a finding.</param>
internal sealed class FuzzFailureException(string message, string detail = "") : Exception(message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{detail}\n{base.ToString()}";

    /// <summary>Throws unless an invariant holds.</summary>
    public static void ThrowUnless(bool holds, string invariant)
    {
        if (!holds)
        {
            throw new FuzzFailureException(invariant);
        }
    }
}
