using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Marking;

/// <summary>Settings of the <c>anomaly_attribution</c> processor. Immutable.</summary>
public sealed record AttributionMarkConfig
{
    /// <summary>Paths of the rule files; the last part may have <c>*</c> and <c>?</c>.</summary>
    /// <value>None stands for the shipped rules, which is the default.</value>
    public IReadOnlyList<string> RulesFiles { get; private init; } = [];

    /// <summary>How often the files are looked at for changes.</summary>
    /// <value>1 s or more; 0 for never. Default 5 s.</value>
    public TimeSpan ReloadInterval { get; private init; }

    /// <summary>Whether rules on trial mark spans too.</summary>
    /// <value>Default false.</value>
    public bool MarksShadow { get; private init; }

    /// <summary>Reads the settings.</summary>
    /// <param name="section">The processor's section.</param>
    internal static AttributionMarkConfig Read(ConfigSection section) => new()
    {
        RulesFiles = AnomalyAttributionConfig.ReadFiles(section),
        ReloadInterval = AnomalyAttributionConfig.ReadReload(section),
        MarksShadow = section.Bool("shadow_marks", defaultValue: false),
    };
}
