namespace TelemetryPipeline.Otlp;

/// <summary>One fault of a request, as in <c>google.rpc.BadRequest</c>.</summary>
/// <param name="Field">Path of the field, or another name of the place.</param>
/// <param name="Description">What is wrong there.</param>
public readonly record struct FieldViolation(string Field, string Description);
