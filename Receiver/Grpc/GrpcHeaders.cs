using System.Globalization;

namespace TelemetryPipeline.Receiver.Grpc;

/// <summary>The headers of gRPC over HTTP/2.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string AcceptedEncodings = "identity,gzip,zstd,snappy";
    public const string Timeout = "grpc-timeout";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string StatusDetails = "grpc-status-details-bin";

    // "TimeoutValue: positive integer as ASCII string of at most 8 digits".
    private const int TimeoutDigitsMax = 8;

    /// <summary>Whether a content type is gRPC with protobuf messages.</summary>
    public static bool IsProtobuf(ReadOnlySpan<char> contentType)
    {
        if (!contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = contentType[ContentType.Length..];
        if (rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest["+proto".Length..];
        }

        return rest.IsEmpty || rest[0] == ';';
    }

    /// <summary>Reads a deadline; zero when there is none or it makes no sense, which is to wait without one.</summary>
    public static TimeSpan ParseTimeout(ReadOnlySpan<char> header)
    {
        if (header.Length is < 2 or > TimeoutDigitsMax + 1
            || !int.TryParse(header[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return TimeSpan.Zero;
        }

        return header[^1] switch
        {
            'H' => TimeSpan.FromHours(value),
            'M' => TimeSpan.FromMinutes(value),
            'S' => TimeSpan.FromSeconds(value),
            'm' => TimeSpan.FromMilliseconds(value),
            'u' => TimeSpan.FromMicroseconds(value),
            'n' => TimeSpan.FromTicks(Math.Max(value / 100, 1)),
            _ => TimeSpan.Zero,
        };
    }
}
