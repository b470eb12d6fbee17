using System.Linq;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.Secrets;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>The salts in use: a file that changes is read again, and one that is wrong leaves the salt of its key as it was.</summary>
internal sealed class SaltStore : IDisposable
{
    private readonly IReadOnlyList<TenantSaltConfig> _configs;
    private readonly int _cacheSize;
    private readonly WatchedSecrets _files;
    private volatile SaltsInUse? _current;

    /// <summary>A store; reads nothing before its start.</summary>
    /// <param name="configs">Where the salts are.</param>
    /// <param name="cacheSize">Pseudonyms that are remembered.</param>
    /// <param name="context">The processor's surroundings.</param>
    /// <param name="metric">The counter of changed files.</param>
    public SaltStore(IReadOnlyList<TenantSaltConfig> configs, int cacheSize, ComponentContext context, string metric)
    {
        _configs = configs;
        _cacheSize = cacheSize;
        _files = new WatchedSecrets(
            configs.SelectMany(static c => c.Keys).Select(static k => k.File).OfType<string>(), Salt.FileBytesMax, Take, context, metric);
    }

    /// <summary>The salts now.</summary>
    public SaltsInUse Current => _current ?? throw new InvalidOperationException("data came before the start");

    /// <summary>Reads the salts and begins to watch their files.</summary>
    /// <exception cref="ComponentStartException">One cannot be read.</exception>
    public void Start()
    {
        _files.Start();
        try
        {
            Use(SaltBook.Read(_configs));
        }
        catch (ComponentStartException)
        {
            _files.Dispose();
            throw;
        }
    }

    /// <summary>Takes salts that are in no file.</summary>
    /// <param name="book">The salts.</param>
    public void Start(SaltBook book) => Use(book);

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private void Use(SaltBook book) => _current = new SaltsInUse(book, new PseudonymCache(_cacheSize));

    private string? Take(string file, ReadOnlySpan<byte> content)
    {
        if (_current is not { } current)
        {
            return null;
        }

        var changed = SaltBook.Reread(_configs, current.Book, file, out var problem);
        if (changed is not null)
        {
            Use(changed);
        }

        return problem;
    }
}
