using System.Security.Cryptography;
using System.Text;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>A salt that was read, and when it is used.</summary>
internal sealed class Salt
{
    /// <summary>The shortest salt that is taken: below 128 bits a salt can be found by trying.</summary>
    public const int BytesMin = 16;

    /// <summary>A file longer than this holds no salt.</summary>
    public const int FileBytesMax = BytesMax * 2;

    private const int BytesMax = 4096;

    private Salt(int index, byte[] id, byte[] bytes, DateTimeOffset from, DateTimeOffset until)
    {
        Index = index;
        Id = id;
        Bytes = bytes;
        From = from;
        Until = until;
    }

    /// <summary>Tells salts apart in the cache.</summary>
    public int Index { get; }

    /// <summary>The key id in UTF-8; empty for a salt that was drawn.</summary>
    public byte[] Id { get; }

    public byte[] Bytes { get; }

    public DateTimeOffset From { get; }

    public DateTimeOffset Until { get; }

    /// <summary>A salt of this process alone.</summary>
    public static Salt Drawn(byte[] bytes) => new(0, [], bytes, DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>The same salt under another number.</summary>
    /// <param name="index">The number.</param>
    public Salt At(int index) => new(index, Id, Bytes, From, Until);

    /// <summary>Reads a salt.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="tenant">Whose it is, for the message.</param>
    /// <param name="config">Where it is.</param>
    /// <exception cref="ComponentStartException">It is not there, not in its encoding, or too short.</exception>
    public static Salt Read(int index, string tenant, SaltKeyConfig config)
    {
        var place = config.File ?? $"environment variable {config.Environment}";
        try
        {
            var text = config.File is { } file ? ReadFile(file) : Environment.GetEnvironmentVariable(config.Environment!)
                ?? throw new FormatException("it is not set");
            text = text.TrimEnd('\r', '\n');
            var bytes = config.Encoding switch
            {
                SaltEncoding.Hex => Convert.FromHexString(text),
                SaltEncoding.Base64 => Convert.FromBase64String(text),
                _ => Encoding.UTF8.GetBytes(text),
            };
            if (bytes.Length is < BytesMin or > BytesMax)
            {
                throw new FormatException($"it must have {BytesMin} to {BytesMax} bytes, got {bytes.Length}");
            }

            return new Salt(index, Encoding.UTF8.GetBytes(config.Id), bytes, config.From, config.Until);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException
            or CryptographicException)
        {
            throw new ComponentStartException(
                $"cannot read salt \"{config.Id}\" of tenant \"{tenant}\" from {place}: {Reason(e, config.Encoding)}", e);
        }
    }

    private static string ReadFile(string file)
    {
        var length = new FileInfo(file).Length;
        return length <= FileBytesMax ? BoundedFile.ReadAllText(file, FileBytesMax) : throw new FormatException($"it has {length} bytes, too many for a salt");
    }

    // The runtime's words about hex and base64 quote the input, which is a secret.
    private static string Reason(Exception e, SaltEncoding encoding) =>
        e is FormatException && !e.Message.StartsWith("it ", StringComparison.Ordinal)
            ? $"it is not {(encoding == SaltEncoding.Hex ? "hexadecimal" : "base64")}"
            : e.Message;
}
