using TelemetryPipeline.Processors.Matching;

namespace TelemetryPipeline.Processors.Attributes.Selection;

/// <summary>A condition on an instrumentation scope.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version; null where any will do.</param>
internal sealed record LibraryMatcher(TextMatcher Name, TextMatcher? Version);
