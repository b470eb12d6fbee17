using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Receiver.Decompression;

/// <summary>The names of codings, and which of them a server takes.</summary>
internal sealed class ContentCodings
{
    private static readonly (string Name, ContentCoding Coding)[] Known =
    [
        ("", ContentCoding.Identity),
        ("gzip", ContentCoding.Gzip),
        ("zstd", ContentCoding.Zstd),
        ("zlib", ContentCoding.Zlib),
        ("snappy", ContentCoding.Snappy),
        ("deflate", ContentCoding.Zlib),
        ("lz4", ContentCoding.Lz4),
        ("x-snappy-framed", ContentCoding.Snappy),
    ];

    private readonly string[] _names;

    private ContentCodings(string[] names) => _names = names;

    /// <summary>What gRPC clients may use; the Collector registers the same.</summary>
    public static ContentCodings Grpc { get; } = new(["gzip", "zstd", "snappy"]);

    /// <summary>What HTTP clients may use unless configured otherwise.</summary>
    public static ContentCodings Http { get; } = new(Array.ConvertAll(Known, static k => k.Name));

    /// <summary>The names, for an error or an <c>Accept-Encoding</c>.</summary>
    public string Listed => string.Join(", ", Array.FindAll(_names, static n => n.Length > 0));

    /// <summary>Reads <c>compression_algorithms</c>.</summary>
    public static ContentCodings Read(ConfigSection section)
    {
        const string Key = "compression_algorithms";
        if (section.Node(Key) is null)
        {
            return Http;
        }

        var names = new List<string>();
        foreach (var name in section.Texts(Key))
        {
            if (Array.Exists(Known, k => k.Name == name))
            {
                names.Add(name);
                continue;
            }

            section.Error(Key, $"must hold only {string.Join(", ", Array.ConvertAll(Known, static k => k.Name.Length == 0 ? "\"\"" : k.Name))}, got \"{name}\"");
        }

        return new ContentCodings([.. names]);
    }

    /// <summary>Finds the coding of a request.</summary>
    /// <param name="header">
    /// The header's value: codings in the order in which they were applied. Empty and <c>identity</c> mean no
    /// compression, which is always accepted; of the others there may be one.
    /// </param>
    /// <param name="coding">The coding.</param>
    public bool TryFind(ReadOnlySpan<char> header, out ContentCoding coding)
    {
        coding = ContentCoding.Identity;
        foreach (var range in header.Split(','))
        {
            var name = header[range].Trim();
            if (name.IsEmpty || name.Equals("identity", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (coding != ContentCoding.Identity || !TryFindOne(name, out coding))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryFindOne(ReadOnlySpan<char> wanted, out ContentCoding coding)
    {
        // RFC 9110, 8.4.1.3: recipients treat x-gzip as gzip.
        wanted = wanted.Equals("x-gzip", StringComparison.OrdinalIgnoreCase) ? "gzip" : wanted;
        foreach (var (name, known) in Known)
        {
            if (wanted.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                coding = known;
                return Array.IndexOf(_names, name) >= 0;
            }
        }

        coding = ContentCoding.Identity;
        return false;
    }
}
