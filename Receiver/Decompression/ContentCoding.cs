namespace TelemetryPipeline.Receiver.Decompression;

/// <summary>How a request body is compressed.</summary>
internal enum ContentCoding : byte
{
    /// <summary>Not at all.</summary>
    Identity,

    /// <summary>RFC 1952.</summary>
    Gzip,

    /// <summary>RFC 8878.</summary>
    Zstd,

    /// <summary>RFC 1950, which is also what HTTP calls deflate.</summary>
    Zlib,

    /// <summary>A block or a framed stream.</summary>
    Snappy,

    /// <summary>The LZ4 frame format.</summary>
    Lz4,
}
