using System.Linq;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FieldEncryption.Keys;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;
using TelemetryPipeline.Processors.FieldEncryption.Policies;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>
/// Encrypts, drops, masks or hashes fields of traces, metrics and logs as the policy of their tenant and class of data
/// says. A value that cannot be encrypted is redacted, never sent clear.
/// </summary>
internal sealed partial class FieldEncryptionProcessor : IProcessor, IAsyncDisposable
{
    private readonly FieldEncryptionConfig _config;
    private readonly IConsumer _next;
    private readonly TimeProvider _time;
    private readonly AttributeSlots _slots;
    private readonly int _tenant;
    private readonly int[] _classes;
    private readonly SlotMask _choosing;
    private readonly PolicyBook _policies;
    private readonly KeyHealth _health;
    private readonly ComponentContext _context;
    private readonly Func<KeyServiceConfig, ComponentContext, IKeyService> _services;
    private readonly SaltStore? _hashKeys;
    private readonly FieldEncryptionMetrics _metrics;
    private readonly FieldProtector?[] _idle = new FieldProtector?[Environment.ProcessorCount];
    private KeyStore? _keys;

    public FieldEncryptionProcessor(
        ComponentContext context,
        FieldEncryptionConfig config,
        Func<KeyServiceConfig, ComponentContext, IKeyService> services,
        IConsumer next)
    {
        _context = context;
        _config = config;
        _services = services;
        _next = next;
        _time = context.Time;
        _slots = context.Slots;
        _tenant = _slots.Register(BusinessKeys.Tenant);
        _classes = [.. config.ClassAttributes.Select(_slots.Register)];
        _choosing = new SlotMask([_tenant, .. _classes]);
        _policies = new PolicyBook(config.Policies, config.TenantClasses, config.DefaultClasses, config.Reserved);
        _health = new KeyHealth(context.ReportStatus);
        _metrics = new FieldEncryptionMetrics(context);
        _log = context.Loggers.CreateLogger<FieldEncryptionProcessor>();
        _hashKeys = config.Hash.Keys.Count == 0
            ? null
            : new SaltStore(config.Hash.Keys, cacheSize: 0, context, "otelcol_processor_field_encryption_file_reloads");
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var fetcher = _config.KeyService is { } service
            ? new DataKeyFetcher(service, _services(service, _context), _context, _health.KeyService)
            : null;
        _keys = new KeyStore(_config.Keys, fetcher, _context, _health.KeyFiles);
        try
        {
            _hashKeys?.Start();
            await _keys.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (ComponentStartException)
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => DisposeAsync().AsTask();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hashKeys?.Dispose();
        if (_keys is not null)
        {
            await _keys.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        // Encryption reads each node's bytes as a whole, so changes of earlier processors must be in them.
        batch.ApplyChanges();
        var place = Thread.GetCurrentProcessorId() % _idle.Length;
        var protector = Interlocked.Exchange(ref _idle[place], null) ?? NewProtector();
        protector.Begin(_time.GetUtcNow());
        var stated = OfHeader(batch.Metadata);
        for (var i = 0; i < batch.ViewCount; i++)
        {
            Protect(batch.View(i), stated, protector);
        }

        protector.End();
        LogNewReasons(protector.Counts);
        _metrics.Flush(protector.Counts);
        Volatile.Write(ref _idle[place], protector);
        return _next.ConsumeAsync(batch, cancellation);
    }

    private FieldProtector NewProtector()
    {
        var keys = _keys ?? throw new InvalidOperationException("data came before the start");
        return new FieldProtector(
            _policies,
            keys,
            _hashKeys is null ? null : new FieldHasher(_config.Hash.Algorithm, _hashKeys),
            _config.RedactCopies);
    }

    private ulong OfHeader(RequestMetadata? metadata)
    {
        var stated = 0UL;
        var values = metadata?.Get(FieldEncryptionConfig.ClassHeader) ?? [];
        for (var i = 0; i < values.Count; i++)
        {
            stated |= _policies.OfStatedClasses(System.Text.Encoding.UTF8.GetBytes(values[i]));
        }

        return stated;
    }

    private void Protect(OtlpView view, ulong stated, FieldProtector protector)
    {
        var nodes = view.Nodes;
        var resource = -1;
        var ofResource = stated;
        for (var node = 0; node < nodes.Length; node++)
        {
            switch (nodes[node].Kind)
            {
                case OtlpNodeKind.ResourceEnvelope:
                    resource = nodes[node].Content;
                    ofResource = stated | OfAttributes(view, resource);
                    break;
                case OtlpNodeKind.Resource or OtlpNodeKind.Scope or OtlpNodeKind.Metric or OtlpNodeKind.Item:
                    ProtectNode(view, node, resource, ofResource, protector);
                    break;
                default:
                    break;
            }
        }
    }

    private void ProtectNode(OtlpView view, int node, int resource, ulong ofResource, FieldProtector protector)
    {
        var isItem = view.Nodes[node].Kind == OtlpNodeKind.Item && view.HasAny(_slots, node, _choosing);
        if (!isItem || !view.TryGetAttribute(_slots, node, _tenant, out var tenant))
        {
            view.TryGetAttribute(_slots, resource, _tenant, out tenant);
        }

        var stated = isItem ? ofResource | OfAttributes(view, node) : ofResource;
        if (protector.Use(tenant.Text, stated))
        {
            protector.Protect(view, node);
        }
    }

    private ulong OfAttributes(OtlpView view, int node)
    {
        var stated = 0UL;
        if (!view.HasAny(_slots, node, _choosing))
        {
            return stated;
        }

        foreach (var slot in _classes)
        {
            if (!view.TryGetAttribute(_slots, node, slot, out var value))
            {
                continue;
            }

            // Headers are recorded as lists.
            stated |= _policies.OfStatedClasses(value.Text);
            foreach (var element in value.Elements)
            {
                stated |= _policies.OfStatedClasses(element.Text);
            }
        }

        return stated;
    }
}
