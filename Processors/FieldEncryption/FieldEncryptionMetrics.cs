using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>The metrics of the processor, written once a batch.</summary>
internal sealed class FieldEncryptionMetrics
{
    private readonly Counter[] _outcomes;
    private readonly Counter[] _redacted;
    private readonly Counter _redactedCopies;

    public FieldEncryptionMetrics(ComponentContext context)
    {
        var processor = ("processor", context.Id.ToString());
        _outcomes = Array.ConvertAll(EncryptionCounts.OutcomeNames, outcome => context.Metrics.Counter(
            "otelcol_processor_field_encryption_fields", "Fields that a policy is for, by what was done.", processor, ("outcome", outcome)));
        _redacted = Array.ConvertAll(Redaction.Names, reason => context.Metrics.Counter(
            "otelcol_processor_field_encryption_redacted_fields", "Fields redacted because they could not be encrypted or hashed, by reason.", processor, ("reason", reason)));
        _redactedCopies = context.Metrics.Counter(
            "otelcol_processor_field_encryption_redacted_copies", "Copies of protected values redacted elsewhere in the same item.", processor);
    }

    /// <summary>Writes what a batch has brought, and forgets it.</summary>
    public void Flush(EncryptionCounts counts)
    {
        Flush(_outcomes, counts.Outcomes);
        Flush(_redacted, counts.Redacted);
        _redactedCopies.Add(counts.RedactedCopies);
        counts.RedactedCopies = 0;
    }

    private static void Flush(Counter[] counters, int[] counts)
    {
        for (var i = 0; i < counters.Length; i++)
        {
            if (counts[i] != 0)
            {
                counters[i].Add(counts[i]);
                counts[i] = 0;
            }
        }
    }
}
