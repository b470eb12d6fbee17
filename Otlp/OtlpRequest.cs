using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Checks the export requests of all three signals.</summary>
public static partial class OtlpRequest
{
    /// <summary>Nesting of messages in a request beyond which it is refused: the limit of the protobuf libraries.</summary>
    public const int MaxDepth = 100;

    /// <summary>
    /// Checks the whole structure of a protobuf export request in one pass and counts its items. Never throws and
    /// never allocates, other than for the text of an error.
    /// </summary>
    /// <remarks>
    /// Checked at every level: tags, lengths against what is left, varints, wire types of the fields that OTLP 1.11
    /// defines, id lengths (trace ids 0 or 16 bytes, span ids 0 or 8) and depth. Unknown fields and groups are
    /// skipped. Text is not checked to be UTF-8: one damaged byte in one attribute must not cost a request, so it is
    /// passed on as it came, as the Go Collector does.
    /// </remarks>
    /// <param name="signal">What the request carries.</param>
    /// <param name="request">The request's bytes; empty is a valid request without items.</param>
    /// <param name="itemCount">Spans, data points or log records; 0 on an error.</param>
    /// <param name="error">What is wrong and where, when the answer is false.</param>
    public static bool TryValidate(Signal signal, ReadOnlySpan<byte> request, out int itemCount, out OtlpError error)
    {
        var validator = new RequestValidator(request);
        var valid = validator.Run(signal);
        itemCount = valid ? validator.ItemCount : 0;
        error = valid ? default : validator.Error;
        return valid;
    }
}
