using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>
/// The streams that a template has made so far, found by the values of its attributes. Bounded: values that would make
/// more share the stream <c>_overflow</c>.
/// </summary>
/// <remarks>Thread-safe. Finding a known stream allocates nothing.</remarks>
internal sealed class StreamTable
{
    /// <summary>Stands for an attribute that an item does not have.</summary>
    public const string Missing = "unknown";

    /// <summary>Stands for all values once there are too many.</summary>
    public const string Overflow = "_overflow";

    private const int ValueBytesMax = 64;

    private readonly StreamNameTemplate _template;
    private readonly int _partitions;
    private readonly int _streamsMax;
    private readonly Counter _overflows;
    private readonly StreamKeys[] _overflow = new StreamKeys[SignalNames.Count];
    private readonly ConcurrentDictionary<byte[], StreamKeys> _streams = new(BytesComparer.Instance);
    private readonly ConcurrentDictionary<byte[], StreamKeys>.AlternateLookup<ReadOnlySpan<byte>> _find;

    /// <param name="config">The template, its bound and the partitions.</param>
    /// <param name="overflows">Counts items that went to an overflow stream.</param>
    public StreamTable(RedisStreamsExporterConfig config, Counter overflows)
    {
        _template = config.Stream;
        _partitions = config.Partitions;
        _streamsMax = config.MaxStreams;
        _overflows = overflows;
        _find = _streams.GetAlternateLookup<ReadOnlySpan<byte>>();
        var values = new string[_template.Keys.Count];
        Array.Fill(values, Overflow);
        foreach (var signal in SignalNames.All)
        {
            _overflow[(int)signal] = new StreamKeys(_template.Format(signal, values), _partitions);
        }
    }

    /// <summary>Streams known.</summary>
    public int Count => _streams.Count;

    /// <summary>The stream of an item.</summary>
    /// <param name="lookup">The signal, then each value with its length in front, as <see cref="StreamRouter"/> writes it.</param>
    public StreamKeys Find(ReadOnlySpan<byte> lookup) => _find.TryGetValue(lookup, out var stream) ? stream : Add(lookup);

    /// <summary>A value as it stands in a name: letters, digits, dot, dash and underscore; what was changed gets its CRC-32 at the end.</summary>
    /// <param name="value">The attribute as text in UTF-8.</param>
    internal static string Sanitise(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return Missing;
        }

        var text = new StringBuilder();
        var changed = value.Length > ValueBytesMax;
        foreach (var b in value[..Math.Min(value.Length, ValueBytesMax)])
        {
            var fits = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'-' or (byte)'_';
            changed |= !fits;
            text.Append(fits ? (char)b : '_');
        }

        return changed ? text.Append(CultureInfo.InvariantCulture, $"-{Crc32.HashToUInt32(value):x8}").ToString() : text.ToString();
    }

    private StreamKeys Add(ReadOnlySpan<byte> lookup)
    {
        var signal = (Signal)lookup[0];
        if (_streams.Count >= _streamsMax)
        {
            _overflows.Add(1);
            return _overflow[(int)signal];
        }

        var values = new string[_template.Keys.Count];
        var rest = lookup[1..];
        for (var i = 0; i < values.Length; i++)
        {
            var length = BitConverter.ToInt32(rest);
            values[i] = Sanitise(rest.Slice(sizeof(int), length));
            rest = rest[(sizeof(int) + length)..];
        }

        return _streams.GetOrAdd(lookup.ToArray(), new StreamKeys(_template.Format(signal, values), _partitions));
    }
}
