using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>Tells the collector how the keys are doing: as long as something is wrong the component is not OK. Thread-safe.</summary>
/// <param name="report">Takes the status.</param>
internal sealed class KeyHealth(Action<ComponentStatus, string> report)
{
    private readonly Lock _gate = new();
    private string? _serviceProblem;
    private string? _filesProblem;

    /// <summary>What is wrong with the key service; null for nothing.</summary>
    public void KeyService(string? problem)
    {
        lock (_gate)
        {
            _serviceProblem = problem;
            Report();
        }
    }

    /// <summary>What is wrong with key files; null for nothing.</summary>
    public void KeyFiles(string? problem)
    {
        lock (_gate)
        {
            _filesProblem = problem;
            Report();
        }
    }

    private void Report()
    {
        var problem = _serviceProblem ?? _filesProblem;
        report(problem is null ? ComponentStatus.OK : ComponentStatus.RecoverableError, problem ?? "");
    }
}
