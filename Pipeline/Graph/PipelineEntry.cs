using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>The head of a pipeline: takes its batches, and asks its components whether they would.</summary>
/// <param name="first">The first processor's link, or the tail where there is no processor.</param>
/// <param name="gates">The processors that can tell beforehand, and the tail, which asks exporters and connectors.</param>
internal sealed class PipelineEntry(IConsumer first, IAdmission[] gates) : IConsumer, IAdmission
{
    /// <inheritdoc/>
    public ConsumeResult Admit(Signal signal)
    {
        foreach (var gate in gates)
        {
            var answer = gate.Admit(signal);
            if (!answer.IsAccepted)
            {
                return answer;
            }
        }

        return ConsumeResult.Accepted;
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
        first.ConsumeAsync(batch, cancellation);
}
