using System.Buffers;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Processors.FieldEncryption.Decryption;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>Decrypts what <c>field_encryption</c> has encrypted, for the holder of the keys. Not thread-safe.</summary>
public sealed partial class FieldDecryption : IDisposable
{
    private const int KeysFileBytesMax = 1024 * 1024;

    private readonly DecryptionKeys _keys;

    internal FieldDecryption(IReadOnlyList<FieldEncryptionConfig> configs, Func<KeyServiceConfig, IKeyService> services) =>
        _keys = new DecryptionKeys(
            configs.SelectMany(static c => c.Keys), [.. configs.Select(static c => c.KeyService).OfType<KeyServiceConfig>().Select(services)]);

    /// <summary>Opens the keys of processors.</summary>
    /// <param name="configs">Their settings.</param>
    /// <exception cref="ComponentStartException">The TLS material of a key service cannot be used.</exception>
    public static FieldDecryption Open(IReadOnlyList<FieldEncryptionConfig> configs) =>
        new(configs, static config => new TransitClient(config, Surroundings()));

    /// <summary>Reads a file with the sections <c>keys</c> and <c>key_service</c>, as the processor has them.</summary>
    /// <param name="file">The file.</param>
    /// <param name="problems">What is wrong with it.</param>
    /// <returns>Its settings; null when there are problems.</returns>
    public static FieldEncryptionConfig? ReadKeysFile(string file, out IReadOnlyList<string> problems)
    {
        string text;
        try
        {
            problems = new FileInfo(file) is { Exists: true, Length: > KeysFileBytesMax } ? [$"{file} has more than {KeysFileBytesMax} bytes"] : [];
            text = problems.Count == 0 ? BoundedFile.ReadAllText(file, KeysFileBytesMax) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems = [$"cannot read {file}: {e.Message}"];
            return null;
        }

        if (problems.Count > 0 || !YamlDocument.TryRead(text, file, out var node, out var error))
        {
            // The parser's words could quote what is in the file, which may be a key put there by mistake.
            problems = problems.Count > 0 ? problems : [$"{file} is not valid YAML"];
            return null;
        }

        var errors = new ConfigErrors();
        var section = new ConfigSection(node, node.Position, "", errors);
        var config = FieldEncryptionConfig.ReadKeys(section);
        section.Finish();
        problems = [.. errors.Sorted().Select(static e => LongQuote().Replace(e.ToString(), $"$1 {Secret.Mask}"))];
        return errors.IsEmpty ? config : null;
    }

    /// <summary>Decrypts a value.</summary>
    /// <param name="value">The value, <c>enc:v1:...</c>.</param>
    /// <param name="tenant">The tenant it belongs to; empty for none.</param>
    /// <param name="field">The attribute it belongs to.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Its text form, or why it cannot be decrypted.</returns>
    public async Task<(string? Text, string? Problem)> DecryptAsync(string value, string tenant, string field, CancellationToken cancellation)
    {
        var text = Encoding.UTF8.GetBytes(value);
        if (FieldDecryptor.WrappedKeyOf(text) is { } wrapped)
        {
            await _keys.UnwrapAsync(wrapped.Name, wrapped.Wrapped, cancellation).ConfigureAwait(false);
        }

        if (!new FieldDecryptor(_keys).TryDecrypt(
            text, Encoding.UTF8.GetBytes(tenant), Encoding.UTF8.GetBytes(field), out var isText, out var plain, out var problem))
        {
            return (null, problem);
        }

        if (isText)
        {
            return (Encoding.UTF8.GetString(plain), null);
        }

        var written = new ArrayBufferWriter<byte>();
        new AnyValueView(plain).WriteText(written);
        return (Encoding.UTF8.GetString(written.WrittenSpan), null);
    }

    /// <summary>Decrypts every value in an OTLP/JSON request.</summary>
    /// <param name="json">The request in UTF-8.</param>
    /// <param name="tenant">The tenant of all values; null takes the one that the data names.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The request, null where it is none, and what is wrong with it or with values that stay encrypted.</returns>
    public async Task<(byte[]? Json, IReadOnlyList<string> Problems)> DecryptRequestAsync(
        ReadOnlyMemory<byte> json, string? tenant, CancellationToken cancellation)
    {
        var decrypted = await new RequestDecryptor(_keys).DecryptAsync(json, tenant, cancellation).ConfigureAwait(false);
        return (decrypted.Json, decrypted.Problems);
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    // What is in the wrong place in a file of keys may be a key.
    [GeneratedRegex("(got|unknown key) \"?[^\"\\s]{16,}\"?(\\.\\.\\.)?")]
    private static partial Regex LongQuote();

    private static ComponentContext Surroundings() => new()
    {
        Id = new ComponentId("field_encryption", "decrypt"),
        Signals = [],
        Loggers = NullLoggerFactory.Instance,
        Metrics = new MetricRegistry(),
        Extensions = new NoExtensions(),
        ReportStatus = static (_, _) => { },
    };

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
