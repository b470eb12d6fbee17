using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace TelemetryPipeline.TestSupport;

/// <summary>Waits for what other threads, processes and servers do, by looking again and again.</summary>
public static class Until
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    /// <summary>The longest wait by default: far beyond what a busy machine needs.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Waits until a condition is true.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="between">Done each time before looking again, for example turning a clock.</param>
    /// <param name="problem">Why it is not true yet.</param>
    /// <param name="limit">The longest wait; <see cref="Limit"/> by default.</param>
    /// <param name="text">The condition's source.</param>
    /// <exception cref="TimeoutException">It does not become true.</exception>
    public static Task TrueAsync(
        Func<bool> condition, Action? between = null, Func<string>? problem = null, TimeSpan? limit = null,
        [CallerArgumentExpression(nameof(condition))] string text = "") =>
        TrueAsync(() => Task.FromResult(condition()), between, problem, limit, text);

    /// <summary>Waits until a condition is true that takes time to look at.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="between">Done each time before looking again, for example turning a clock.</param>
    /// <param name="problem">Why it is not true yet.</param>
    /// <param name="limit">The longest wait; <see cref="Limit"/> by default.</param>
    /// <param name="text">The condition's source.</param>
    /// <exception cref="TimeoutException">It does not become true.</exception>
    public static async Task TrueAsync(
        Func<Task<bool>> condition, Action? between = null, Func<string>? problem = null, TimeSpan? limit = null,
        [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var begin = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(begin) > (limit ?? Limit))
            {
                throw new TimeoutException($"this does not become true: {text}. {problem?.Invoke()}");
            }

            between?.Invoke();
            await Task.Delay(Poll);
        }
    }
}
