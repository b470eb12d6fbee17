namespace TelemetryPipeline.Processors.FinancialEnrichment.Nodes;

/// <summary>What a topology says about a service.</summary>
/// <param name="Name">The node's name in UTF-8.</param>
/// <param name="Type">The node's tier in UTF-8.</param>
internal sealed record NodeEntry(byte[] Name, byte[] Type);
