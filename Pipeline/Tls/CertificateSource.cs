using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Tls;

/// <summary>
/// The certificate and authorities in use, read again when their files change. Connections that stand are not
/// touched; the next handshake uses what is new. Files that cannot be used leave the old material in place.
/// </summary>
/// <remarks>
/// Thread-safe. Files are compared by content, at most once per interval and only when a handshake asks, which also
/// works where a secret is swapped behind a symbolic link.
/// </remarks>
public sealed partial class CertificateSource
{
    private const int FileBytesMax = 1024 * 1024;
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    private readonly TlsMaterialConfig _config;
    private readonly string? _authoritiesFile;
    private readonly bool _reloadAuthorities;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly Lock _loading = new();
    private byte[] _fingerprint = [];
    private byte[] _refusedFingerprint = [];
    private byte[]? _firstAuthorities;
    private long _checkedAt;
    private volatile TlsMaterial? _current;

    /// <summary>A source for a server: its certificate, and the authorities of its clients.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="context">Gives the clock, the logger and the metrics.</param>
    public CertificateSource(TlsServerConfig config, ComponentContext context)
        : this(config.Material, config.ClientCaFile, config.ClientCaFileReload, context)
    {
    }

    /// <summary>A source for a client: the authorities of its servers, and its own certificate where it has one.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="context">Gives the clock, the logger and the metrics.</param>
    public CertificateSource(TlsClientConfig config, ComponentContext context)
        : this(config.Material, config.Material.CaFile, reloadAuthorities: true, context)
    {
    }

    private CertificateSource(
        TlsMaterialConfig config, string? authoritiesFile, bool reloadAuthorities, ComponentContext context)
    {
        _config = config;
        _authoritiesFile = authoritiesFile;
        _reloadAuthorities = reloadAuthorities;
        _time = context.Time;
        _interval = config.ReloadInterval > TimeSpan.Zero ? config.ReloadInterval : DefaultInterval;
        _log = context.Loggers.CreateLogger<CertificateSource>();
        _component = context.Id.ToString();
        _reloads = context.Metrics.Counter(ReloadMetric, ReloadHelp, ("component", _component), ("outcome", "success"));
        _failedReloads = context.Metrics.Counter(ReloadMetric, ReloadHelp, ("component", _component), ("outcome", "failure"));
    }

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="ComponentStartException">A file is missing or is not what it should be.</exception>
    public void Load()
    {
        lock (_loading)
        {
            if (_current is not null)
            {
                return;
            }

            try
            {
                var files = ReadFiles();
                _current = files.Build(_config);
                _firstAuthorities = files.Authorities;
                _fingerprint = files.Fingerprint();
                _checkedAt = _time.GetTimestamp();
            }
            catch (Exception e) when (IsUnusable(e))
            {
                throw new ComponentStartException($"cannot load TLS material: {e.Message}", e);
            }
        }
    }

    /// <summary>What the next handshake should use; looks for changed files first when it is time to.</summary>
    /// <returns>Never null after <see cref="Load"/>.</returns>
    public TlsMaterial Current()
    {
        var current = _current ?? throw new InvalidOperationException("TLS material is used before Load");
        if (_time.GetElapsedTime(Volatile.Read(ref _checkedAt)) < _interval || !_loading.TryEnter())
        {
            return current;
        }

        try
        {
            Refresh();
            return _current;
        }
        finally
        {
            _loading.Exit();
        }
    }

    private static bool IsUnusable(Exception e) =>
        e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private void Refresh()
    {
        Volatile.Write(ref _checkedAt, _time.GetTimestamp());
        byte[] fingerprint = [];
        try
        {
            var files = ReadFiles();
            fingerprint = files.Fingerprint();
            if (fingerprint.AsSpan().SequenceEqual(_fingerprint))
            {
                return;
            }

            // A refused change is not tried again on every check: it would only be logged again.
            if (fingerprint.AsSpan().SequenceEqual(_refusedFingerprint))
            {
                return;
            }

            var material = files.Build(_config);
            _current = material;
            _fingerprint = fingerprint;
            Reloaded(material);
        }
        catch (Exception e) when (IsUnusable(e))
        {
            _refusedFingerprint = fingerprint;
            KeptOld(e);
        }
    }

    private TlsFiles ReadFiles() => new(
        Certificate: _config.CertFile is { } cert ? BoundedFile.ReadAllBytes(cert, FileBytesMax) : null,
        Key: _config.KeyFile is { } key ? BoundedFile.ReadAllBytes(key, FileBytesMax) : null,
        Authorities: !_reloadAuthorities && _firstAuthorities is not null ? _firstAuthorities
            : _authoritiesFile is { } file ? BoundedFile.ReadAllBytes(file, FileBytesMax) : null);
}
