using System.Security.Cryptography;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FieldEncryption.Keys;

namespace TelemetryPipeline.Processors.FieldEncryption.KeyService;

/// <summary>The data key in use under one key of the key service, and when it is to be followed by another. Thread-safe.</summary>
/// <param name="name">The name of the key at the key service.</param>
/// <param name="config">Lifetime and uses.</param>
/// <param name="time">The clock.</param>
internal sealed class DataKeyRing(string name, KeyServiceConfig config, TimeProvider time) : IKeyRing
{
    // A new key is asked for when so much of the old one's time or uses is over, which leaves time for failures.
    private const double RefreshPart = 0.75;

    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Held? _held;
    private TimeSpan _pause;
    private long _retryAt = long.MinValue;

    /// <summary>The name of the key at the key service.</summary>
    public string Name => name;

    /// <summary>The fetch that is under way, or the last one.</summary>
    public Task Fetch { get; set; } = Task.CompletedTask;

    /// <summary>Whether values can be encrypted now.</summary>
    public bool IsUsable => Current(default, out _) is not null;

    /// <inheritdoc/>
    public FieldKey? Current(DateTimeOffset now, out RedactionReason reason)
    {
        var held = Volatile.Read(ref _held);
        reason = held is null ? RedactionReason.KeyService
            : time.GetTimestamp() >= held.ExpiresAt ? RedactionReason.KeyExpired
            : RedactionReason.KeyExhausted;
        return reason == RedactionReason.KeyExhausted && held!.Key.Used < config.UsesMax ? held.Key : null;
    }

    /// <summary>Whether a new key is to be fetched now.</summary>
    public bool NeedsKey()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            return now >= _retryAt && Fetch.IsCompleted
                && (_held is null || now >= _held.RefreshAt || _held.Key.Used >= config.UsesMax * RefreshPart);
        }
    }

    /// <summary>Takes a new data key into use; the bytes of it are cleared.</summary>
    public void Take(DataKey key)
    {
        var next = new FieldKey($"{name}:{key.Wrapped}", key.Key, config.UsesMax);
        CryptographicOperations.ZeroMemory(key.Key);
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var lifetime = config.KeyLifetime.TotalSeconds * time.TimestampFrequency;
            Volatile.Write(ref _held, new Held(next, now + (long)(lifetime * RefreshPart), now + (long)lifetime));
            _pause = TimeSpan.Zero;
            _retryAt = long.MinValue;
        }
    }

    /// <summary>Remembers that no key came: asked again after a pause that doubles.</summary>
    public void Failed()
    {
        lock (_gate)
        {
            _pause = _pause == TimeSpan.Zero ? PauseMin : TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, PauseMax.Ticks));
            _retryAt = time.GetTimestamp() + (long)(_pause.TotalSeconds * time.TimestampFrequency);
        }
    }

    private sealed record Held(FieldKey Key, long RefreshAt, long ExpiresAt);
}
