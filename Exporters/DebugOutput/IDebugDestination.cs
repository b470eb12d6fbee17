namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Where batches are shown: the collector's log, or streams. Used by one thread at a time.</summary>
internal interface IDebugDestination : IDisposable
{
    /// <summary>Opens what is to be written to.</summary>
    /// <exception cref="IOException">A file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be opened.</exception>
    void Open();

    /// <summary>Shows the counts of a batch.</summary>
    /// <param name="summary">The counts.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    void WriteSummary(in BatchSummary summary);

    /// <summary>Shows a part of a batch.</summary>
    /// <param name="lines">Whole lines in UTF-8, free of control characters but for the line ends.</param>
    /// <exception cref="IOException">They could not be written.</exception>
    void WriteText(ReadOnlySpan<byte> lines);
}
