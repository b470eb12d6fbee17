namespace TelemetryPipeline.Processors.Filter;

/// <summary>The operators that compare two values.</summary>
internal enum Comparison : byte
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
