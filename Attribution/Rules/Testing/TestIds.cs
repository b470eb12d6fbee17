using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>Ids of traces and spans from their names in tests, and back.</summary>
internal sealed class TestIds
{
    private readonly Dictionary<ulong, string> _spans = [];
    private readonly Dictionary<UInt128, string> _traces = [];

    /// <summary>The id of a trace.</summary>
    /// <param name="name">Its name.</param>
    public UInt128 Trace(string name)
    {
        var id = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"trace {name}")));
        _traces[id] = name;
        return id;
    }

    /// <summary>The id of a span.</summary>
    /// <param name="trace">The name of its trace.</param>
    /// <param name="name">Its name; empty for no span.</param>
    public ulong Span(string trace, string name)
    {
        if (name.Length == 0)
        {
            return 0;
        }

        var id = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"span {trace} {name}")));
        _spans[id] = name;
        return id;
    }

    /// <summary>The name of a trace.</summary>
    /// <param name="id">Its id.</param>
    public string NameOfTrace(UInt128 id) => _traces.GetValueOrDefault(id, id == 0 ? "" : id.ToString("x32", null));

    /// <summary>The name of a span.</summary>
    /// <param name="id">Its id.</param>
    public string NameOfSpan(ulong id) => _spans.GetValueOrDefault(id, id == 0 ? "" : id.ToString("x16", null));
}
