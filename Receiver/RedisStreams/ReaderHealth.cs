using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>The health of the receiver, joined from its readers: good when all are. Thread-safe.</summary>
internal sealed class ReaderHealth(ComponentContext context)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);

    /// <summary>The reader of a key fails for now.</summary>
    public void Fails(string key, string message)
    {
        lock (_lock)
        {
            if (_failing.Add(key) && _failing.Count == 1)
            {
                context.ReportStatus(ComponentStatus.RecoverableError, message);
            }
        }
    }

    /// <summary>The reader of a key is at work.</summary>
    public void Works(string key)
    {
        lock (_lock)
        {
            if (_failing.Remove(key) && _failing.Count == 0)
            {
                context.ReportStatus(ComponentStatus.OK, "");
            }
        }
    }
}
