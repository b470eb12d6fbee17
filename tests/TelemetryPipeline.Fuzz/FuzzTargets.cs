using TelemetryPipeline.Fuzz.Targets;

namespace TelemetryPipeline.Fuzz;

/// <summary>Every target.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. OtlpTargets.All,
        .. EncoderTargets.All,
        .. JsonTargets.All,
        .. DecompressionTargets.All,
        .. RequestTargets.All,
        .. AnswerTargets.All,
        .. StorageTargets.All,
        .. ConfigurationTargets.All,
        .. RuleTargets.All,
        .. SecretTargets.All,
    ];
}
