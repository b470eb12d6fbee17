using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.Processors.Secrets;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>
/// The keys in use. A key file that changes is read again, and one that is wrong leaves its key as it was; data keys are
/// fetched in the background.
/// </summary>
internal sealed partial class KeyStore : IAsyncDisposable
{
    private const UnixFileMode OthersMay = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly IReadOnlyList<TenantKeysConfig> _configs;
    private readonly DataKeyFetcher? _fetcher;
    private readonly WatchedSecrets _files;
    private readonly ILogger _log;
    private readonly Dictionary<KeyConfig, FieldKey> _keys = [];
    private readonly Dictionary<string, TenantDataKeys> _byTenant = new(StringComparer.Ordinal);
    private volatile KeyBook? _current;

    /// <summary>A store; reads nothing before its start.</summary>
    /// <param name="configs">Where the keys are.</param>
    /// <param name="fetcher">Fetches data keys; null where there is no key service. Disposed of with this.</param>
    /// <param name="context">The processor's surroundings.</param>
    /// <param name="report">Told what is wrong with key files that changed, or null when all is well again.</param>
    public KeyStore(
        IReadOnlyList<TenantKeysConfig> configs, DataKeyFetcher? fetcher, ComponentContext context, Action<string?> report)
    {
        _configs = configs;
        _fetcher = fetcher;
        _log = context.Loggers.CreateLogger<KeyStore>();
        _files = new WatchedSecrets(
            configs.SelectMany(static c => c.Keys).Select(static k => k.File).OfType<string>(),
            KeyMaterial.ContentBytesMax,
            Take,
            context,
            "otelcol_processor_field_encryption_file_reloads")
        { Report = report };
    }

    /// <summary>The keys now.</summary>
    public KeyBook Current => _current ?? throw new InvalidOperationException("data came before the start");

    /// <summary>Reads the keys, begins to watch their files, and asks for the first data keys.</summary>
    /// <param name="cancellation">The start is given up.</param>
    /// <exception cref="ComponentStartException">A key cannot be read.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        _files.Start();
        foreach (var config in _configs)
        {
            foreach (var key in config.Keys)
            {
                if (Read(key, out var problem) is not { } bytes)
                {
                    throw new ComponentStartException($"cannot read key \"{key.Id}\" of tenant \"{config.Tenant}\" from {key.Place}: {problem}");
                }

                _keys[key] = new FieldKey(key.Id, bytes);
                CryptographicOperations.ZeroMemory(bytes);
            }
        }

        _current = Build();
        if (_fetcher is not null)
        {
            await _fetcher.StartAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _files.Dispose();
        if (_fetcher is not null)
        {
            await _fetcher.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Reads a key.</summary>
    /// <param name="config">Where it is.</param>
    /// <param name="problem">Why it cannot be used.</param>
    /// <returns>Its bytes; null when it cannot be used.</returns>
    public static byte[]? ReadKey(KeyConfig config, out string? problem)
    {
        byte[]? content;
        if (config.File is { } file)
        {
            content = WatchedSecrets.TryRead(file, KeyMaterial.ContentBytesMax, out problem);
        }
        else
        {
            content = Environment.GetEnvironmentVariable(config.Environment!) is { } text ? Encoding.UTF8.GetBytes(text) : null;
            problem = "it is not set";
        }

        if (content is null || !KeyMaterial.TryRead(content, config.Encoding, out var key, out problem))
        {
            key = null;
        }

        CryptographicOperations.ZeroMemory(content);
        return key;
    }

    private byte[]? Read(KeyConfig config, out string? problem)
    {
        if (config.File is { } file)
        {
            WarnIfOthersMay(file);
        }

        return ReadKey(config, out problem);
    }

    private string? Take(string file, ReadOnlySpan<byte> content)
    {
        string? problem = null;
        foreach (var config in _configs)
        {
            foreach (var key in config.Keys)
            {
                if (key.File != file)
                {
                    continue;
                }

                WarnIfOthersMay(file);
                if (!KeyMaterial.TryRead(content, key.Encoding, out var bytes, out problem))
                {
                    problem = $"key \"{key.Id}\" of tenant \"{config.Tenant}\": {problem}";
                    continue;
                }

                // The same key again, written otherwise, goes on with its nonces.
                if (_keys.TryGetValue(key, out var former) && !former.IsSameKey(bytes))
                {
                    _keys[key] = new FieldKey(key.Id, bytes);
                }

                CryptographicOperations.ZeroMemory(bytes);
            }
        }

        if (_current is not null)
        {
            _current = Build();
        }

        return problem;
    }

    private KeyBook Build()
    {
        var tenants = new Dictionary<byte[], IKeyRing>(Utf8Comparer.Instance);
        IKeyRing? others = null;
        TenantDataKeys? byTenant = null;
        foreach (var config in _configs)
        {
            if (config is { Tenant: TenantKeysConfig.Any, TransitKey: { } pattern }
                && pattern.Contains(TenantKeysConfig.TenantPlace, StringComparison.Ordinal))
            {
                byTenant = _byTenant.TryGetValue(pattern, out var known) ? known : new TenantDataKeys(pattern, _fetcher!.RingOf);
                _byTenant[pattern] = byTenant;
                continue;
            }

            IKeyRing ring = config.TransitKey is { } name
                ? _fetcher!.RingOf(name.Replace(TenantKeysConfig.TenantPlace, config.Tenant, StringComparison.Ordinal))
                : new LocalKeyRing([.. config.Keys.Select(k => (k, _keys[k]))]);
            if (config.Tenant == TenantKeysConfig.Any)
            {
                others = ring;
            }
            else
            {
                tenants.Add(Encoding.UTF8.GetBytes(config.Tenant), ring);
            }
        }

        return new KeyBook(tenants, others, byTenant);
    }

    private void WarnIfOthersMay(string file)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            var target = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
            var mode = File.GetUnixFileMode(target);
            if ((mode & OthersMay) != 0)
            {
                LogOthersMay(file, Convert.ToString((int)mode, 8));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whether it can be read at all is found out next, with a reason.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Key file {File} has the mode {Mode}, which lets other users read or write it; set 0400")]
    private partial void LogOthersMay(string file, string mode);
}
