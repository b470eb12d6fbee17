using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>Reads request bodies from Kestrel into a <see cref="BodyBuffer"/>.</summary>
internal static class BodyReader
{
    /// <summary>Reads everything up to the end of the body.</summary>
    /// <param name="reader">The body.</param>
    /// <param name="body">Takes the bytes; its limit counts.</param>
    /// <param name="timeout">Limit on the whole body; zero for none.</param>
    /// <param name="time">The clock.</param>
    public static async ValueTask<BodyProblem> ReadAllAsync(
        PipeReader reader, BodyBuffer body, TimeSpan timeout, TimeProvider time)
    {
        ITimer? timer = null;
        try
        {
            while (true)
            {
                var pending = reader.ReadAsync();
                if (!pending.IsCompleted && timeout > TimeSpan.Zero)
                {
                    timer ??= time.CreateTimer(
                        static state => ((PipeReader)state!).CancelPendingRead(), reader, timeout, Timeout.InfiniteTimeSpan);
                }

                var read = await pending.ConfigureAwait(false);
                var problem = read.IsCanceled ? BodyProblem.TimedOut : body.TryAppend(read.Buffer);
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
            timer?.Dispose();
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
