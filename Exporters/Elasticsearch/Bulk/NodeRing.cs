namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>
/// The nodes of a cluster, used in turn. One that fails is left alone for a while that doubles with every failure, and
/// then tried again; when all have failed, the one that has waited longest is tried.
/// </summary>
/// <remarks>Thread-safe. Costs a short lock for each request.</remarks>
/// <param name="addresses">Base addresses, at least one.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeRing(IReadOnlyList<Uri> addresses, TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly int[] _failures = new int[addresses.Count];
    private readonly long[] _downUntil = new long[addresses.Count];
    private int _next = -1;

    /// <summary>How many nodes there are.</summary>
    public int Count => addresses.Count;

    /// <summary>How many are left alone now.</summary>
    public int DownCount
    {
        get
        {
            lock (_gate)
            {
                var now = time.GetTimestamp();
                var count = 0;
                foreach (var until in _downUntil)
                {
                    count += until > now ? 1 : 0;
                }

                return count;
            }
        }
    }

    /// <summary>The address of a node.</summary>
    /// <param name="node">The node.</param>
    public Uri Address(int node) => addresses[node];

    /// <summary>The node for the next request.</summary>
    public int Pick()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var best = -1;
            for (var i = 1; i <= addresses.Count; i++)
            {
                var node = (_next + i) % addresses.Count;
                if (_downUntil[node] <= now)
                {
                    return _next = node;
                }

                best = best < 0 || _downUntil[node] < _downUntil[best] ? node : best;
            }

            return _next = best;
        }
    }

    /// <summary>A node answered.</summary>
    /// <param name="node">The node.</param>
    public void Succeeded(int node)
    {
        lock (_gate)
        {
            (_failures[node], _downUntil[node]) = (0, 0);
        }
    }

    /// <summary>A node could not be reached, or is no more than a proxy without a server behind it.</summary>
    /// <param name="node">The node.</param>
    public void Failed(int node)
    {
        lock (_gate)
        {
            var wait = FirstWait * Math.Pow(2, Math.Min(_failures[node]++, 10));
            wait = wait < LongestWait ? wait : LongestWait;
            _downUntil[node] = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        }
    }
}
