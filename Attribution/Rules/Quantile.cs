namespace TelemetryPipeline.Attribution.Rules;

/// <summary>The quantiles that a baseline is asked for.</summary>
internal enum Quantile : byte
{
    /// <summary>The median.</summary>
    P50,

    /// <summary>Nine of ten are faster.</summary>
    P90,

    /// <summary>19 of 20 are faster.</summary>
    P95,

    /// <summary>99 of 100 are faster.</summary>
    P99,
}
