namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>
/// Where a label comes from. Of labels with one name that come from different sources, the first source in this order
/// keeps the name.
/// </summary>
internal enum LabelSource : byte
{
    /// <summary><c>job</c> and <c>instance</c>, which identify the target.</summary>
    Target,

    /// <summary>The instrumentation scope.</summary>
    Scope,

    /// <summary>The setting <c>const_labels</c>.</summary>
    Setting,

    /// <summary>An attribute of the resource.</summary>
    Resource,

    /// <summary>An attribute of the point.</summary>
    Point,
}
