namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>All series of one name.</summary>
/// <param name="Name">The name as it is shown, with suffixes.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Help">What it tells.</param>
internal sealed record SampleFamily(string Name, SampleKind Kind, string Help)
{
    /// <summary>Series by their labels, those of <see cref="SampleStore.TargetInfo"/> by the labels that identify a target.</summary>
    public Dictionary<string, SeriesState> Series { get; } = new(StringComparer.Ordinal);
}
