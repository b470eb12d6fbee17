using System.Globalization;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>The <c>compression</c> and <c>compression_params</c> of an exporter.</summary>
/// <param name="Encoding">The way. Default gzip.</param>
/// <param name="Name">What the protocol calls it; empty for none.</param>
/// <param name="Level">The level in the terms of the way. Default 1, the fastest.</param>
internal sealed record CompressionConfig(PayloadEncoding Encoding, string Name, int Level)
{
    private const int LevelDefault = 1;
    private const int ZlibLevelMax = 9;
    private const int ZstdLevelMax = 22;

    /// <summary>gzip at the fastest level.</summary>
    public static CompressionConfig Default { get; } = new(PayloadEncoding.Gzip, "gzip", LevelDefault);

    /// <summary>Reads the keys from an exporter's section.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <param name="words">Every word of this protocol with what it stands for.</param>
    public static CompressionConfig Read(
        ConfigSection section, params ReadOnlySpan<(string Word, (PayloadEncoding Encoding, string Name) Value)> words)
    {
        var (encoding, name) = section.Word("compression", (PayloadEncoding.Gzip, "gzip"), words);
        var parameters = section.Section("compression_params");
        var level = (int)parameters.Int64("level", 0, -1, 100);

        // The Collector's 0 and -1 stand for the default of the way.
        level = level <= 0 ? LevelDefault : level;
        var levelMax = encoding switch
        {
            PayloadEncoding.Gzip or PayloadEncoding.Zlib => ZlibLevelMax,
            PayloadEncoding.Zstd => ZstdLevelMax,
            _ => LevelDefault,
        };
        if (level > levelMax)
        {
            parameters.Error("level", string.Create(
                CultureInfo.InvariantCulture, $"must be at most {levelMax} with this compression, got {level}"));
        }

        parameters.Finish();
        return new CompressionConfig(encoding, name, level);
    }
}
