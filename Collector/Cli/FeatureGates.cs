namespace TelemetryPipeline.Collector.Cli;

/// <summary>
/// The Collector's feature gates that describe what this build does anyway: enabling them changes nothing, disabling
/// them is not possible. Every other gate is refused by name.
/// </summary>
internal static class FeatureGates
{
    private static readonly string[] AlwaysOn =
    [
        "confmap.strictlyTypedInput", "confmap.unifyEnvVarExpansion", "otelcol.printInitialConfig",
        "service.partialReload", "service.partialReloadReceivers",
    ];

    /// <summary>Checks a list such as <c>g1,-g2,+g3</c>.</summary>
    /// <param name="list">The value of <c>--feature-gates</c>.</param>
    /// <returns>What is wrong; null when nothing.</returns>
    public static string? Check(string list)
    {
        foreach (var item in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var gate = item.TrimStart('+', '-');
            if (Array.IndexOf(AlwaysOn, gate) < 0)
            {
                return $"no such feature gate \"{gate}\". valid gates: {string.Join(", ", AlwaysOn)}";
            }

            if (item.StartsWith('-'))
            {
                return $"feature gate \"{gate}\" is always enabled in this build, can not be disabled";
            }
        }

        return null;
    }
}
