namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>The server of a lookup did not answer; it is asked again later.</summary>
internal sealed class LookupFailedException : Exception
{
    public LookupFailedException()
    {
    }

    public LookupFailedException(string message)
        : base(message)
    {
    }

    public LookupFailedException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
