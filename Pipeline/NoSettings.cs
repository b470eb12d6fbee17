namespace TelemetryPipeline.Pipeline;

/// <summary>The settings of components that have none.</summary>
public readonly record struct NoSettings;
