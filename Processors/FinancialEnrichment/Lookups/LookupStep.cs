using System.Buffers.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>Sets attributes to values that others are keys of.</summary>
internal sealed class LookupStep : IAsyncDisposable
{
    /// <summary>How many different answers there are.</summary>
    public const int AnswerCount = 3;

    private const int NumberBytesMax = 20;
    private readonly AttributeSlots _slots;
    private readonly Entry[] _entries;
    private readonly SlotMask _keys;

    /// <summary>The lookups of a configuration.</summary>
    /// <param name="configs">The lookups.</param>
    /// <param name="context">The processor's surroundings.</param>
    /// <param name="redis">Makes the source of one that asks Redis.</param>
    public LookupStep(
        IReadOnlyList<LookupConfig> configs, ComponentContext context, Func<RedisLookupConfig, ComponentContext, ILookupSource> redis)
    {
        _slots = context.Slots;
        _entries = new Entry[configs.Count];
        var keys = new int[configs.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            var config = configs[i];
            keys[i] = _slots.Register(config.From);
            IValueLookup values = config.Redis is { } server
                ? new CachedLookup(config, redis(server, context), context)
                : new FileLookup(config.File!, context);
            _entries[i] = new Entry(keys[i], _slots.Register(config.To), values, config.Hold, config.To);
            HoldTime = config.Hold && config.HoldTime > HoldTime ? config.HoldTime : HoldTime;
        }

        _keys = new SlotMask(keys);
    }

    /// <summary>How long a batch waits for values at most; zero where none is to wait.</summary>
    public TimeSpan HoldTime { get; }

    /// <summary>What the lookups set, in the order in which answers are counted.</summary>
    public IReadOnlyList<string> Names => Array.ConvertAll(_entries, static e => e.Name);

    /// <summary>Reads files and begins background work.</summary>
    /// <exception cref="ComponentStartException">A file cannot be used.</exception>
    public void Start()
    {
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            entry.Values.Start();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var entry in _entries)
        {
            await entry.Values.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Completes when a server that batches wait for has answered, or failed, once more.</summary>
    public Task NextRound()
    {
        var rounds = new List<Task>();
        foreach (var entry in _entries)
        {
            if (entry.Hold && entry.Values is CachedLookup cached)
            {
                rounds.Add(cached.NextRound);
            }
        }

        return Task.WhenAny(rounds);
    }

    /// <summary>Sets what is known.</summary>
    /// <param name="view">The view.</param>
    /// <param name="node">The span.</param>
    /// <param name="scrubber">Tells whether a value may hold personal data.</param>
    /// <param name="answers">Answers by lookup and kind; one is added for each.</param>
    /// <returns>Whether a value was set that has to be looked through.</returns>
    public bool Apply(OtlpView view, int node, TextScrubber scrubber, Span<int> answers)
    {
        var suspicious = false;
        if (!view.HasAny(_slots, node, _keys))
        {
            return suspicious;
        }

        Span<byte> number = stackalloc byte[NumberBytesMax];
        for (var i = 0; i < _entries.Length; i++)
        {
            ref readonly var entry = ref _entries[i];
            if (!TryKey(view, node, entry, number, out var key))
            {
                continue;
            }

            var answer = entry.Values.Find(key, out var value);
            answers[(i * AnswerCount) + (int)answer]++;
            if (answer == LookupAnswer.Found)
            {
                view.SetText(_slots, node, entry.To, value);
                suspicious |= scrubber.MayContain(value);
            }
        }

        return suspicious;
    }

    /// <summary>Whether a span has to wait for a value. Asks for it.</summary>
    public bool IsWaiting(OtlpView view, int node)
    {
        var waiting = false;
        Span<byte> number = stackalloc byte[NumberBytesMax];
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            waiting |= entry.Hold && TryKey(view, node, entry, number, out var key)
                && entry.Values.Find(key, out _) == LookupAnswer.Unknown;
        }

        return waiting;
    }

    private bool TryKey(OtlpView view, int node, in Entry entry, Span<byte> number, out ReadOnlySpan<byte> key)
    {
        key = default;
        if (!view.TryGetAttribute(_slots, node, entry.From, out var value) || view.TryGetAttribute(_slots, node, entry.To, out _))
        {
            return false;
        }

        key = value.Text;
        if (value.Kind == AnyValueKind.Int)
        {
            Utf8Formatter.TryFormat(value.Int, number, out var length);
            key = number[..length];
        }

        return !key.IsEmpty;
    }

    /// <summary>A lookup with its keys as slots.</summary>
    private readonly record struct Entry(int From, int To, IValueLookup Values, bool Hold, string Name);
}
