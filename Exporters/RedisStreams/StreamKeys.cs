using StackExchange.Redis;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>A stream: its name, and a key for each partition.</summary>
internal sealed class StreamKeys
{
    private readonly RedisKey[] _keys;
    private readonly long[] _expirySetAt;

    public StreamKeys(string name, int partitions)
    {
        Name = name;
        _keys = new RedisKey[partitions];
        _expirySetAt = new long[partitions];
        for (var i = 0; i < partitions; i++)
        {
            _keys[i] = StreamKeyNames.Partition(name, i, partitions);
        }
    }

    /// <summary>The name without the partition.</summary>
    public string Name { get; }

    /// <summary>The key of a partition.</summary>
    public RedisKey this[int partition] => _keys[partition];

    /// <summary>Whether it is time to tell Redis again when the key goes; says yes to one caller.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="now">A timestamp.</param>
    /// <param name="interval">Time between two renewals, in timestamps.</param>
    public bool TakeExpiry(int partition, long now, long interval)
    {
        ref var at = ref _expirySetAt[partition];
        var last = Interlocked.Read(ref at);
        return (last == 0 || now - last >= interval) && Interlocked.CompareExchange(ref at, now, last) == last;
    }

    /// <summary>The last renewal failed: the next caller tries again.</summary>
    public void ForgetExpiry(int partition) => Interlocked.Exchange(ref _expirySetAt[partition], 0);
}
