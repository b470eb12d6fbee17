using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Checks the export requests of all three signals.</summary>
public static partial class OtlpRequest
{
    /// <summary>Nesting of messages in a request beyond which it is refused: the limit of the protobuf libraries.</summary>
    public const int MaxDepth = 100;

    internal static readonly string TooDeep = $"messages are nested more than {MaxDepth} deep";

    /// <summary>
    /// Checks the whole structure of a protobuf export request in one pass and counts its items. Never throws and
    /// never allocates, other than for what is wrong.
    /// </summary>
    /// <remarks>
    /// Checked at every level: tags, lengths against what is left, varints, wire types of the fields that OTLP 1.11
    /// defines, id lengths (trace ids 0 or 16 bytes, span ids 0 or 8) and depth. Unknown fields and groups are
    /// skipped. Text is not checked to be UTF-8: one damaged byte in one attribute must not cost a request, so it is
    /// forwarded as it came, as the Go Collector does. A wrong id, wire type or depth refuses only the item that has it,
    /// or the items below the resource, scope or metric that has it.
    /// </remarks>
    /// <param name="signal">What the request carries.</param>
    /// <param name="request">The request's bytes; empty is a valid request without items.</param>
    /// <param name="itemCount">Valid spans, data points or log records; 0 on an error.</param>
    /// <param name="refused">What is to be removed by <see cref="RemoveRefused"/>; null where everything is valid.</param>
    /// <param name="error">What is malformed and where, when the answer is false.</param>
    public static bool TryValidate(
        Signal signal, ReadOnlySpan<byte> request, out int itemCount, out RefusedItems? refused, out OtlpError error)
    {
        var validator = new RequestValidator(request);
        var isWellFormed = validator.Run(signal);
        return Conclude(isWellFormed, validator.ItemCount, validator.Refused, validator.Error, out itemCount, out refused, out error);
    }

    /// <summary>Checks a request of which every item must be valid.</summary>
    /// <param name="signal">What the request carries.</param>
    /// <param name="request">The request's bytes; empty is a valid request without items.</param>
    /// <param name="itemCount">Spans, data points or log records; 0 on an error.</param>
    /// <param name="error">What is wrong and where, when the answer is false.</param>
    public static bool TryValidate(Signal signal, ReadOnlySpan<byte> request, out int itemCount, out OtlpError error) =>
        RefuseNone(TryValidate(signal, request, out itemCount, out var refused, out error), refused, ref itemCount, ref error);

    /// <summary>Removes what was refused from a request, in place.</summary>
    /// <param name="request">The request.</param>
    /// <param name="refused">What <see cref="TryValidate(Signal, ReadOnlySpan{byte}, out int, out RefusedItems?, out OtlpError)"/> refused in it.</param>
    /// <returns>The request's new length.</returns>
    public static int RemoveRefused(Span<byte> request, RefusedItems refused) =>
        FieldRemover.Remove(request, refused.FieldOffsets);

    // Where there is no item at all, there is nothing to answer for but the fault.
    private static bool Conclude(
        bool isWellFormed, int validCount, RefusedItems? found, OtlpError fault,
        out int itemCount, out RefusedItems? refused, out OtlpError error)
    {
        var isValid = isWellFormed && (found is null || validCount > 0 || found.Count > 0);
        itemCount = isValid ? validCount : 0;
        refused = isValid ? found : null;
        error = isValid ? default : isWellFormed ? found!.First : fault;
        return isValid;
    }

    private static bool RefuseNone(bool isValid, RefusedItems? refused, ref int itemCount, ref OtlpError error)
    {
        if (refused is not null)
        {
            itemCount = 0;
            error = refused.First;
        }

        return isValid && refused is null;
    }
}
