using System.Linq;

namespace TelemetryPipeline.TestSupport.Exposition;

/// <summary>A line of a metrics page.</summary>
/// <param name="Name">The sample's name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value.</param>
public sealed record ExpositionSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>Name and labels.</summary>
    public string Series => $"{Name}{{{Without("")}}}";

    /// <summary>The labels as text, without one of them.</summary>
    /// <param name="label">Its name.</param>
    public string Without(string label) =>
        string.Join(',', Labels.Where(l => l.Key != label).OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => $"{l.Key}={l.Value}"));
}
