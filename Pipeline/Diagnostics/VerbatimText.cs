namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>
/// The state of a log whose text is what a component was asked to show, and no event: line breaks are kept, and it is
/// not thinned out, which is up to the component.
/// </summary>
/// <param name="Text">Lines, each with its end; the component has made sure that there are no other control characters.</param>
public readonly record struct VerbatimText(string Text);
