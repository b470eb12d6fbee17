using System.IO.Hashing;
using System.Text;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Finds the route of a document; routes are made once and kept. Not thread-safe.</summary>
internal sealed class RouteTable
{
    /// <summary>Longest dataset or namespace in bytes.</summary>
    public const int PartLengthMax = 100;

    // Routes kept; a sender that makes up more names pays for making them again.
    private const int KeptMax = 4096;
    private const int IndexLengthMax = 255;
    private const int InputMax = 512;
    private const string OtelSuffix = ".otel";

    private static readonly string[] TypeNames = ["traces", "metrics", "logs"];

    private readonly Dictionary<UInt128, Route> _routes = [];
    private readonly Route?[] _fixed = new Route?[3];

    /// <summary>A table.</summary>
    /// <param name="fixedIndexes">The index that takes all of a type, by <see cref="StreamType"/>; null or empty for data streams.</param>
    public RouteTable(IReadOnlyList<string?> fixedIndexes)
    {
        for (var i = 0; i < _fixed.Length; i++)
        {
            _fixed[i] = string.IsNullOrEmpty(fixedIndexes[i]) ? null : new Route(fixedIndexes[i]!);
        }
    }

    /// <summary>The route for what a record, its scope and its resource ask for.</summary>
    /// <param name="type">What kind of document.</param>
    /// <param name="mode">Its shape.</param>
    /// <param name="index">The index asked for; empty for none.</param>
    /// <param name="dataset">The dataset asked for; empty for <c>generic</c>.</param>
    /// <param name="dataNamespace">The namespace asked for; empty for <c>default</c>.</param>
    public Route Find(
        StreamType type, MappingMode mode, ReadOnlySpan<byte> index, ReadOnlySpan<byte> dataset, ReadOnlySpan<byte> dataNamespace)
    {
        if (_fixed[(int)type] is { } route)
        {
            return route;
        }

        Span<byte> key = stackalloc byte[4 + (3 * InputMax)];
        key[0] = (byte)type;
        key[1] = (byte)mode;
        var length = 2;
        Append(key, ref length, index);
        key[length++] = 0;
        Append(key, ref length, dataset);
        key[length++] = 0;
        Append(key, ref length, dataNamespace);
        var hash = XxHash128.HashToUInt128(key[..length]);
        if (!_routes.TryGetValue(hash, out route))
        {
            if (_routes.Count >= KeptMax)
            {
                _routes.Clear();
            }

            route = Make(type, mode, index, dataset, dataNamespace);
            _routes.Add(hash, route);
        }

        return route;
    }

    /// <summary>A part of a data stream's name: lower case, without the characters that a name must not have, cut to length.</summary>
    /// <param name="text">As it was asked for.</param>
    /// <param name="forbidden">Characters that become <c>_</c>.</param>
    /// <param name="lengthMax">Bytes at most.</param>
    public static string Sanitize(ReadOnlySpan<byte> text, string forbidden, int lengthMax)
    {
        var clean = new StringBuilder();
        var bytes = 0;
        foreach (var rune in Encoding.UTF8.GetString(text).EnumerateRunes())
        {
            var lower = Rune.ToLowerInvariant(rune);
            if (Rune.IsControl(lower) || (lower.IsAscii && forbidden.Contains((char)lower.Value, StringComparison.Ordinal)))
            {
                lower = new Rune('_');
            }

            if (bytes + lower.Utf8SequenceLength > lengthMax)
            {
                break;
            }

            bytes += lower.Utf8SequenceLength;
            clean.Append(lower.ToString());
        }

        return clean.ToString();
    }

    private static void Append(Span<byte> key, ref int length, ReadOnlySpan<byte> part)
    {
        part = part.Length > InputMax ? part[..InputMax] : part;
        part.CopyTo(key[length..]);
        length += part.Length;
    }

    private static Route Make(
        StreamType type, MappingMode mode, ReadOnlySpan<byte> index, ReadOnlySpan<byte> dataset, ReadOnlySpan<byte> dataNamespace)
    {
        const string ForbiddenInIndex = "\\/*?\"<>| ,#:";
        const string ForbiddenInDataset = "-" + ForbiddenInIndex;
        if (!index.IsEmpty)
        {
            // A name must not begin with these, nor be one or two dots.
            var name = Sanitize(index, ForbiddenInIndex, IndexLengthMax).TrimStart('-', '_', '+');
            if (name is not ("" or "." or ".."))
            {
                return new Route(name);
            }
        }

        var suffix = mode == MappingMode.Otel ? OtelSuffix : "";
        var set = dataset.IsEmpty ? "generic" : Sanitize(dataset, ForbiddenInDataset, PartLengthMax - suffix.Length);
        var space = dataNamespace.IsEmpty ? "default" : Sanitize(dataNamespace, ForbiddenInIndex, PartLengthMax);
        return new Route(TypeNames[(int)type], set + suffix, space);
    }
}
