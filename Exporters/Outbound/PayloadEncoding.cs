namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>How a payload is compressed on its way out.</summary>
internal enum PayloadEncoding : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>RFC 1952.</summary>
    Gzip,

    /// <summary>RFC 1950; HTTP calls it <c>deflate</c>.</summary>
    Zlib,

    /// <summary>RFC 8878.</summary>
    Zstd,

    /// <summary>One Snappy block, the form of <c>Content-Encoding: snappy</c>.</summary>
    SnappyBlock,

    /// <summary>Snappy's framing format, the form of <c>grpc-encoding: snappy</c> and of <c>x-snappy-framed</c>.</summary>
    SnappyFramed,
}
