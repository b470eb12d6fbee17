using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment.Lookups;
using TelemetryPipeline.Processors.FinancialEnrichment.Mapping;
using TelemetryPipeline.Processors.FinancialEnrichment.Nodes;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;
using TelemetryPipeline.Processors.FinancialEnrichment.Validation;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>The steps in their order, over one chunk. Immutable but for the topology's file; what changes is in the scratch.</summary>
internal sealed class Enricher : IAsyncDisposable
{
    private readonly AttributeSlots _slots;
    private readonly int _tenant;
    private readonly MappingStep _mapping;
    private readonly TopologyStep? _topology;
    private readonly LookupStep? _lookups;
    private readonly ValidationStep? _validation;
    private readonly OutcomeStep? _outcome;
    private readonly PseudonymStep? _pseudonyms;

    public Enricher(FinancialEnrichmentConfig config, ComponentContext context, Func<RedisLookupConfig, ComponentContext, ILookupSource> redis)
    {
        _slots = context.Slots;
        _tenant = _slots.Register("tenant.id");
        _mapping = new MappingStep(config.Mappings, _slots);
        _topology = config.Topology.Enabled ? new TopologyStep(config.Topology, _slots, context) : null;
        _lookups = config.Lookups.Count > 0 ? new LookupStep(config.Lookups, context, redis) : null;
        _validation = config.Validation.Enabled ? new ValidationStep(config.Validation, _slots) : null;
        _outcome = config.Status ? new OutcomeStep(_slots) : null;
        _pseudonyms = config.Pseudonyms.Enabled ? new PseudonymStep(config.Pseudonyms, config.Mappings, _slots) : null;
    }

    /// <summary>The mappings, in the order in which failures are counted.</summary>
    public IReadOnlyList<CompiledMapping> Mappings => _mapping.Mappings;

    /// <summary>The validation rules, in the order in which they are counted.</summary>
    public IReadOnlyList<ValidationRule> Rules => _validation?.Rules ?? [];

    /// <summary>What the lookups set, in the order in which their answers are counted.</summary>
    public IReadOnlyList<string> LookupNames => _lookups?.Names ?? [];

    /// <summary>How long a batch waits for lookups at most; zero where none is to wait.</summary>
    public TimeSpan HoldTime => _lookups?.HoldTime ?? TimeSpan.Zero;

    /// <summary>Completes when a server that batches wait for has answered, or failed, once more.</summary>
    public Task NextRound() => _lookups?.NextRound() ?? Task.CompletedTask;

    /// <summary>Reads files and begins background work.</summary>
    /// <exception cref="ComponentStartException">A file cannot be used.</exception>
    public void Start()
    {
        _topology?.Start();
        _lookups?.Start();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _topology?.Dispose();
        if (_lookups is not null)
        {
            await _lookups.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Maps the keys of lookups, asks for their values, and tells whether spans have to wait for any.</summary>
    /// <param name="view">The chunk, without changes from before.</param>
    /// <param name="metadata">Headers of the request.</param>
    /// <param name="scratch">The thread's.</param>
    public bool IsWaiting(OtlpView view, RequestMetadata? metadata, EnrichmentScratch scratch)
    {
        var waiting = false;
        foreach (ref readonly var span in view.Spans)
        {
            _mapping.Apply(view, span, metadata, scratch.FailedConversions);
            waiting |= _lookups is not null && _lookups.IsWaiting(view, span.Node);
        }

        // The same conversions fail again when the spans are enriched; they are counted then.
        Array.Clear(scratch.FailedConversions);
        return waiting;
    }

    /// <summary>Enriches the spans of a chunk.</summary>
    /// <param name="view">The chunk, without changes from before.</param>
    /// <param name="metadata">Headers of the request.</param>
    /// <param name="scratch">The thread's.</param>
    /// <param name="mapped">Whether <see cref="IsWaiting"/> has mapped the keys before.</param>
    public void EnrichSpans(OtlpView view, RequestMetadata? metadata, EnrichmentScratch scratch, bool mapped)
    {
        var resource = -1;
        NodeEntry? entry = null;
        foreach (ref readonly var span in view.Spans)
        {
            if (span.ResourceNode != resource)
            {
                resource = span.ResourceNode;
                entry = _topology?.ApplyToResource(view, resource);
            }

            var tookForeign = _mapping.Apply(view, span, metadata, scratch.FailedConversions) || mapped;
            tookForeign |= _lookups is not null && _lookups.Apply(view, span.Node, scratch.Scrubber, scratch.LookupAnswers);
            if (entry is not null)
            {
                _topology!.ApplyToSpan(view, span, entry);
            }
            else
            {
                scratch.UnknownNodes += _topology is null ? 0 : 1;
            }

            if (_validation is not null && _validation.Apply(view, span.Node, scratch.BrokenRules))
            {
                scratch.Dropped++;
                continue;
            }

            _outcome?.Apply(view, span);
            if (_pseudonyms is not null)
            {
                UseTenant(view, span.Node, resource, scratch);
                _pseudonyms.Apply(view, span.Node, scratch.Pseudonyms, scratch.Scrubber, tookForeign);
            }
        }

        // Resources last: until now their clear values were sources of mappings.
        Pseudonymize(view, scratch, withItems: false);
    }

    /// <summary>Replaces clear values in everything but, where told so, items.</summary>
    /// <param name="view">The chunk, without changes from before.</param>
    /// <param name="scratch">The thread's.</param>
    /// <param name="withItems">Whether items are included.</param>
    public void Pseudonymize(OtlpView view, EnrichmentScratch scratch, bool withItems)
    {
        if (_pseudonyms is null)
        {
            return;
        }

        var nodes = view.Nodes;
        var resource = -1;
        for (var node = 0; node < nodes.Length; node++)
        {
            switch (nodes[node].Kind)
            {
                case OtlpNodeKind.ResourceEnvelope:
                    resource = nodes[node].Content;
                    break;
                case OtlpNodeKind.Resource or OtlpNodeKind.Scope or OtlpNodeKind.Metric:
                case OtlpNodeKind.Item when withItems:
                    UseTenant(view, node, resource, scratch);
                    _pseudonyms.Apply(view, node, scratch.Pseudonyms, scratch.Scrubber, lookEverywhere: false);
                    break;
                default:
                    break;
            }
        }
    }

    private void UseTenant(OtlpView view, int node, int resource, EnrichmentScratch scratch)
    {
        var found = view.TryGetAttribute(_slots, node, _tenant, out var tenant)
            || view.TryGetAttribute(_slots, resource, _tenant, out tenant);
        scratch.Pseudonyms.Use(found ? tenant.Text : default);
    }
}
