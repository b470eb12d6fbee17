namespace TelemetryPipeline.Attribution.Traces;

/// <summary>The texts of stored spans, a table for each kind of text so that one cannot crowd out another.</summary>
internal sealed class TraceNames
{
    private const int ServicesMax = 4096;
    private const int SpanNamesMax = 16384;
    private const int CodesMax = 4096;
    private const int KeysMax = 8192;

    /// <summary>Services and node types.</summary>
    public NameTable Nodes { get; } = new(ServicesMax);

    /// <summary>Names of spans.</summary>
    public NameTable Spans { get; } = new(SpanNamesMax);

    /// <summary>Codes and verdicts of nodes.</summary>
    public NameTable Codes { get; } = new(CodesMax);

    /// <summary>Tenants, channels and currencies.</summary>
    public NameTable Keys { get; } = new(KeysMax);
}
