using System.Collections.Concurrent;

namespace TransferServices;

/// <summary>A transfer under way: the order and what the services draw and remember for it.</summary>
internal sealed class TransferRun(Transfer transfer)
{
    private readonly Random _random = new(transfer.LatencySeed);
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.Ordinal);

    /// <summary>The order.</summary>
    public Transfer Transfer { get; } = transfer;

    /// <summary>Whether this is the second time the client sends the order.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>How often a service has been asked, this time included.</summary>
    public int CountAttempt(string serviceName) => _attempts.AddOrUpdate(serviceName, 1, static (_, n) => n + 1);

    /// <summary>A log-normal latency around a median; one in a hundred is about three times as long.</summary>
    public double DrawLatencyMs(double medianMs)
    {
        lock (_lock)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
            return Math.Min(medianMs * Math.Exp(0.5 * normal), medianMs * 20);
        }
    }

    /// <summary>A whole number below a limit.</summary>
    public int Draw(int below)
    {
        lock (_lock)
        {
            return _random.Next(below);
        }
    }
}
