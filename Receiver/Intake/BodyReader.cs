using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>Reads request bodies from Kestrel into a <see cref="BodyBuffer"/>.</summary>
internal static class BodyReader
{
    /// <summary>Reads everything up to the end of the body.</summary>
    /// <param name="reader">The body.</param>
    /// <param name="body">Takes the bytes; its limit counts.</param>
    /// <param name="arrival">Ends the body where it is too slow; it has begun.</param>
    public static async ValueTask<BodyProblem> ReadAllAsync(PipeReader reader, BodyBuffer body, BodyArrival arrival)
    {
        try
        {
            while (true)
            {
                var read = await arrival.ReadAsync(reader).ConfigureAwait(false);
                var problem = arrival.Verdict;
                if (problem == BodyProblem.None)
                {
                    problem = body.TryAppend(read.Buffer);
                    arrival.Arrived(body.Length);
                }

                reader.AdvanceTo(read.Buffer.End);
                if (problem != BodyProblem.None || read.IsCompleted)
                {
                    return problem;
                }
            }
        }
        catch (Exception e) when (IsClientFault(e))
        {
            return ProblemOf(e);
        }
        finally
        {
            arrival.End();
        }
    }

    /// <summary>Whether an exception of Kestrel's says that the client disconnected or broke the protocol.</summary>
    public static bool IsClientFault(Exception e) => e is IOException or OperationCanceledException;

    /// <summary>What an exception of Kestrel's means for the body; see <see cref="IsClientFault"/>.</summary>
    public static BodyProblem ProblemOf(Exception e) => e is BadHttpRequestException refused
        ? refused.StatusCode switch
        {
            StatusCodes.Status408RequestTimeout => BodyProblem.TimedOut,
            StatusCodes.Status413PayloadTooLarge => BodyProblem.TooLarge,
            _ => BodyProblem.BadFraming,
        }
        : BodyProblem.Aborted;
}
