namespace TelemetryPipeline.Otlp;

/// <summary>Why bytes are not a valid OTLP request, and where.</summary>
/// <param name="Problem">What is wrong, for the sender's operator; no trailing full stop.</param>
/// <param name="Offset">Byte offset in the request, 0 for its first byte.</param>
public readonly record struct OtlpError(string Problem, long Offset)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Problem} at byte {Offset}";
}
