using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>What was done to the fields of a batch.</summary>
internal sealed class EncryptionCounts
{
    /// <summary>Outcomes as labels, in the order of <see cref="Policies.FieldAction"/>; the last is for values that came protected.</summary>
    public static readonly string[] OutcomeNames = ["encrypted", "dropped", "masked", "hashed", "kept", "already_protected"];

    /// <summary>Where values are counted that came protected already.</summary>
    public const int AlreadyProtected = 5;

    /// <summary>Fields by outcome.</summary>
    public int[] Outcomes { get; } = new int[OutcomeNames.Length];

    /// <summary>Fields that were redacted instead, by reason.</summary>
    public int[] Redacted { get; } = new int[Redaction.Names.Length];

    /// <summary>Copies of protected values that were redacted.</summary>
    public int RedactedCopies { get; set; }
}
