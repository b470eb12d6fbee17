namespace TelemetryPipeline.Pipeline;

/// <summary>A configured value that must not be printed: its text form is a mask.</summary>
/// <param name="value">The sensitive value.</param>
public sealed class Secret(string value)
{
    /// <summary>What stands for every secret in logs and in <c>print-config</c>.</summary>
    public const string Mask = "[REDACTED]";

    /// <summary>The sensitive value, for the one place that needs it.</summary>
    public string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => Mask;
}
