using System.Globalization;
using StackExchange.Redis;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>
/// The arguments of <c>XADD</c>, put together in an array that is used again: the client library writes them out before
/// its call returns.
/// </summary>
internal sealed class EntryArguments(RedisStreamsExporterConfig config, TimeProvider time)
{
    private static readonly RedisValue MaxLength = "MAXLEN";
    private static readonly RedisValue MinId = "MINID";
    private static readonly RedisValue About = "~";
    private static readonly RedisValue NewId = "*";
    private static readonly RedisValue[] FieldNames =
    [
        EntryField.Version, EntryField.CurrentVersion, EntryField.Id, EntryField.Signal, EntryField.Encoding, EntryField.Items, EntryField.Data,
    ];

    private readonly RedisValue _maxLength = config.MaxLength;
    private readonly RedisValue _encoding = config.Encoding == StreamEncoding.OtlpJson ? EntryField.OtlpJson : EntryField.OtlpProto;
    private RedisKeyOrValue[] _arguments = new RedisKeyOrValue[64];

    /// <summary>The arguments of an entry with plain fields.</summary>
    public ReadOnlyMemory<RedisKeyOrValue> Of(in Route route, EntryBuffer entry)
    {
        var fields = 2 * entry.FieldCount;
        var count = Begin(route, fields);
        entry.CopyTo(_arguments.AsSpan(count, fields));
        return _arguments.AsMemory(0, count + fields);
    }

    /// <summary>The arguments of an entry with a request in it.</summary>
    public ReadOnlyMemory<RedisKeyOrValue> Of(in Route route, Signal signal, UInt128 id, int items, ReadOnlyMemory<byte> data)
    {
        var count = Begin(route, 12);
        Add(ref count, FieldNames[0], FieldNames[1]);
        Add(ref count, FieldNames[2], id.ToString("x32", CultureInfo.InvariantCulture));
        Add(ref count, FieldNames[3], signal.PipelineName());
        Add(ref count, FieldNames[4], _encoding);
        Add(ref count, FieldNames[5], items);
        Add(ref count, FieldNames[6], data);
        return _arguments.AsMemory(0, count);
    }

    private int Begin(in Route route, int fields)
    {
        const int BeforeFields = 5;
        if (_arguments.Length < fields + BeforeFields)
        {
            _arguments = new RedisKeyOrValue[2 * (fields + BeforeFields)];
        }

        var count = 0;
        _arguments[count++] = route.Stream[route.Partition];
        if (config.MaxLength > 0)
        {
            _arguments[count++] = MaxLength;
            _arguments[count++] = About;
            _arguments[count++] = _maxLength;
        }
        else if (config.MaxAge > TimeSpan.Zero)
        {
            // Ids begin with Redis's clock in milliseconds.
            var oldest = time.GetUtcNow() - config.MaxAge;
            _arguments[count++] = MinId;
            _arguments[count++] = About;
            _arguments[count++] = (RedisValue)Math.Max(oldest.ToUnixTimeMilliseconds(), 0);
        }

        _arguments[count++] = NewId;
        return count;
    }

    private void Add(ref int count, RedisValue name, RedisValue value)
    {
        _arguments[count++] = name;
        _arguments[count++] = value;
    }
}
