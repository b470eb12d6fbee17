using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Heatmap.Query;

/// <summary>
/// Tells followers which columns have changed, as server-sent events. An event holds the columns as they are now, not
/// what was added: missing one, or getting one twice, does no harm.
/// </summary>
/// <param name="grid">The grid.</param>
/// <param name="clientsMax">Followers at a time.</param>
/// <param name="dropped">Counts followers that were cut off because they were too slow.</param>
internal sealed class HeatmapStream(LatencyGrid grid, int clientsMax, Counter dropped)
{
    /// <summary>Seconds in one event: late data for the whole hour takes several.</summary>
    public const int SecondsMax = 120;

    private const int QuietTicksMax = 15;
    private static readonly byte[] Heartbeat = Encoding.ASCII.GetBytes(":\n\n");

    private readonly Lock _lock = new();
    private readonly List<StreamClient> _clients = [];
    private long _version;
    private int _quietTicks;
    private bool _closed;

    /// <summary>Followers now.</summary>
    public int ClientCount
    {
        get
        {
            lock (_lock)
            {
                return _clients.Count;
            }
        }
    }

    /// <summary>Whether there is no room for another follower.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _closed || _clients.Count >= clientsMax;
            }
        }
    }

    /// <summary>Takes in a follower.</summary>
    /// <returns>Null where there are too many.</returns>
    public StreamClient? TryOpen()
    {
        lock (_lock)
        {
            if (_closed || _clients.Count >= clientsMax)
            {
                return null;
            }

            if (_clients.Count == 0)
            {
                _version = grid.Version;
            }

            var client = new StreamClient();
            client.TryOffer(Event("hello", _version, WriteHello));
            _clients.Add(client);
            return client;
        }
    }

    /// <summary>Lets a follower go.</summary>
    public void Leave(StreamClient client)
    {
        lock (_lock)
        {
            _clients.Remove(client);
        }
    }

    /// <summary>Sends what has changed since the last call.</summary>
    public void Publish()
    {
        lock (_lock)
        {
            if (_clients.Count == 0)
            {
                return;
            }

            var seconds = ChangedSeconds();
            if (seconds.Count > 0)
            {
                _version = seconds[^1].Version;
                _quietTicks = 0;
                Offer(Event("columns", _version, json => WriteColumns(json, seconds)));
            }
            else if (++_quietTicks >= QuietTicksMax)
            {
                _quietTicks = 0;
                Offer(Heartbeat);
            }
        }
    }

    /// <summary>Lets all followers go and takes no more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var client in _clients)
            {
                client.Complete();
            }
        }
    }

    // In the order in which they changed, so that a version says which changes a follower has.
    private List<(long Version, long Second)> ChangedSeconds()
    {
        var seconds = new List<(long Version, long Second)>();
        for (var second = grid.NowSecond - LatencyGrid.ColumnCount + 1; second <= grid.NowSecond + grid.FutureSeconds; second++)
        {
            if (grid.VersionOf(second) is var version && version > _version)
            {
                seconds.Add((version, second));
            }
        }

        seconds.Sort();
        if (seconds.Count > SecondsMax)
        {
            seconds.RemoveRange(SecondsMax, seconds.Count - SecondsMax);
        }

        return seconds;
    }

    private void Offer(byte[] streamEvent)
    {
        for (var i = _clients.Count - 1; i >= 0; i--)
        {
            if (!_clients[i].TryOffer(streamEvent))
            {
                _clients[i].CutOff();
                _clients.RemoveAt(i);
                dropped.Add(1);
            }
        }
    }

    private void WriteHello(Utf8JsonWriter json)
    {
        json.WriteNumber("now", grid.NowSecond);
        json.WriteNumber("oldest", grid.OldestSecond);
        json.WriteNumber("series_version", grid.SeriesVersion);
    }

    private void WriteColumns(Utf8JsonWriter json, List<(long Version, long Second)> seconds)
    {
        WriteHello(json);
        json.WriteStartArray("seconds");
        foreach (var (_, second) in seconds)
        {
            json.WriteNumberValue(second);
        }

        json.WriteEndArray();
        json.WriteStartArray("columns");
        var column = new DenseColumn();
        for (var series = 0; series < grid.SeriesCount; series++)
        {
            foreach (var (_, second) in seconds)
            {
                column.Clear();
                if (grid.Read(series, second, column))
                {
                    json.WriteStartObject();
                    json.WriteNumber("series", series);
                    ColumnJson.WriteFields(json, second, column);
                    json.WriteEndObject();
                }
            }
        }

        json.WriteEndArray();
    }

    private static byte[] Event(string name, long version, Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {version}\nevent: {name}\ndata: ")));
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }
}
