using System.Globalization;
using System.Linq;
using StackExchange.Redis;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>A Redis Cluster of masters on the loopback interface.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    /// <summary>Slots of every cluster.</summary>
    public const int SlotCount = 16384;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private readonly List<RedisNode> _nodes = [];

    private RedisCluster()
    {
    }

    /// <summary>The masters.</summary>
    public IReadOnlyList<RedisNode> Nodes => _nodes;

    /// <summary>Starts masters that have the slots in equal parts, and waits until all say that the cluster is up.</summary>
    public static async Task<RedisCluster> StartAsync(int masters = 3)
    {
        var cluster = new RedisCluster();
        try
        {
            // The cluster bus listens 10000 above unless told, where a port may be taken or not exist.
            var ports = FreePorts.TakeLasting(2 * masters);
            for (var i = 0; i < masters; i++)
            {
                cluster._nodes.Add(await RedisNode.StartAsync(
                    ports[i], "--cluster-enabled", "yes", "--cluster-node-timeout", "5000", "--cluster-port",
                    ports[masters + i].ToString(CultureInfo.InvariantCulture)));
            }

            await cluster.JoinAsync(ports[masters..]);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Index of the master that had a slot in the beginning.</summary>
    public int OwnerOf(int slot) => Enumerable.Range(0, _nodes.Count).First(i => slot < (i + 1) * SlotCount / _nodes.Count);

    /// <summary>A client of the whole cluster, the caller's to dispose of.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = new ConfigurationOptions { AbortOnConnectFail = false, AsyncTimeout = 30_000 };
        foreach (var node in _nodes)
        {
            options.EndPoints.Add(node.Endpoint);
        }

        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>Moves the slots of one master to another, keys and all, as <c>redis-cli --cluster reshard</c> does it.</summary>
    /// <param name="from">Index of the master that has them.</param>
    /// <param name="to">Index of the master that gets them.</param>
    /// <param name="slots">The slots.</param>
    public async Task MoveAsync(int from, int to, IEnumerable<int> slots)
    {
        var source = _nodes[from];
        var target = _nodes[to];
        var sourceId = (string)(await source.ExecuteAsync("CLUSTER", "MYID"))!;
        var targetId = (string)(await target.ExecuteAsync("CLUSTER", "MYID"))!;
        foreach (var slot in slots)
        {
            await target.ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceId);
            await source.ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", targetId);
            while ((RedisKey[]?)await source.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", slot, 10) is { Length: > 0 } keys)
            {
                await source.ExecuteAsync(
                    "MIGRATE", ["127.0.0.1", target.Port, "", 0, 30_000, "KEYS", .. keys.Select(static key => (object)key)]);
            }

            foreach (var node in (RedisNode[])[target, source, .. _nodes.Where(n => n != source && n != target)])
            {
                await node.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", targetId);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task JoinAsync(int[] busPorts)
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            var first = i * SlotCount / _nodes.Count;
            var next = (i + 1) * SlotCount / _nodes.Count;
            await _nodes[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", first, next - 1);
            await _nodes[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
        }

        for (var i = 1; i < _nodes.Count; i++)
        {
            await _nodes[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", _nodes[i].Port, busPorts[i]);
        }

        foreach (var node in _nodes)
        {
            await Until.TrueAsync(() => IsUpAsync(node));
        }
    }

    private async Task<bool> IsUpAsync(RedisNode node)
    {
        var info = (string)(await node.ExecuteAsync("CLUSTER", "INFO"))!;
        return info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains($"cluster_known_nodes:{_nodes.Count}", StringComparison.Ordinal);
    }
}
