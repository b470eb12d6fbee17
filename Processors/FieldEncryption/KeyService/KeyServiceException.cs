namespace TelemetryPipeline.Processors.FieldEncryption.KeyService;

/// <summary>The key service does not do what it was asked; the message is a sentence for an operator and holds no secret.</summary>
internal sealed class KeyServiceException : Exception
{
    public KeyServiceException()
    {
    }

    public KeyServiceException(string message)
        : base(message)
    {
    }

    public KeyServiceException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
