using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment.Lookups;
using TelemetryPipeline.Processors.FinancialEnrichment.Mapping;
using TelemetryPipeline.Processors.FinancialEnrichment.Nodes;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;
using TelemetryPipeline.Processors.FinancialEnrichment.Validation;
using TelemetryPipeline.Transfers;

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
        _tenant = _slots.Register(BusinessKeys.Tenant);
        _mapping = new MappingStep(config.Mappings, _slots);
        _topology = config.Topology.Enabled ? new TopologyStep(config.Topology, _slots, context) : null;
        _lookups = config.Lookups.Count > 0 ? new LookupStep(config.Lookups, context, redis) : null;
        _validation = config.Validation.Enabled ? new ValidationStep(config.Validation, _slots) : null;
        _outcome = config.Status ? new OutcomeStep(_slots) : null;
        _pseudonyms = config.Pseudonyms.Enabled ? new PseudonymStep(config.Pseudonyms, config.Mappings, _slots) : null;
    }

    /// <summary>The mappings, in the order in which failures are counted.</summary>
    public IReadOnlyList<CompiledMapping> Mappings => _mapping.Mappings;

    /// <summary>Room for what a thread finds out about mappings.</summary>
    public MappingPlans NewPlans() => _mapping.NewPlans();

    /// <summary>The validation rules, in the order in which they are counted.</summary>
    public IReadOnlyList<ValidationRule> Rules => _validation?.Rules ?? [];

    /// <summary>What the lookups set, in the order in which their answers are counted.</summary>
    public IReadOnlyList<string> LookupNames => _lookups?.Names ?? [];

    /// <summary>How long a batch waits for lookups at most; zero where none is to wait.</summary>
    public TimeSpan HoldTime => _lookups?.HoldTime ?? TimeSpan.Zero;

    /// <summary>Completes when a server that batches wait for has answered, or failed, once more.</summary>
    public Task NextRound() => _lookups?.NextRound() ?? Task.CompletedTask;

    /// <summary>Attributes whose whole value is replaced.</summary>
    public ProtectedNames Protected => _pseudonyms?.Names ?? new ProtectedNames([]);

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
        view.Resolve(_slots);
        foreach (ref readonly var span in view.Spans)
        {
            var row = view.Row(_slots, span.Node);
            var resource = _mapping.Sources(view.Row(_slots, span.ResourceNode));
            _mapping.Apply(view, span, row, resource, metadata, scratch.Plans, scratch.FailedConversions);
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
        var sources = default(SlotMask);
        NodeEntry? entry = null;
        view.Resolve(_slots);
        foreach (ref readonly var span in view.Spans)
        {
            var row = view.Row(_slots, span.Node);
            if (span.ResourceNode != resource)
            {
                resource = span.ResourceNode;
                entry = _topology?.ApplyToResource(view, resource);
                sources = _mapping.Sources(view.Row(_slots, resource));
            }

            var tookForeign = _mapping.Apply(view, span, row, sources, metadata, scratch.Plans, scratch.FailedConversions) || mapped;
            tookForeign |= _lookups is not null && _lookups.Apply(view, span.Node, scratch.Scrubber, scratch.LookupAnswers);
            if (entry is not null)
            {
                _topology!.ApplyToSpan(row, entry);
            }
            else
            {
                scratch.UnknownNodes += _topology is null ? 0 : 1;
            }

            if (_validation is not null && _validation.Apply(view, row, scratch.BrokenRules))
            {
                scratch.Dropped++;
                continue;
            }

            _outcome?.Apply(span, row);
            if (_pseudonyms is not null)
            {
                UseTenant(view, row, resource, scratch);
                _pseudonyms.Apply(view, row, scratch.Pseudonyms, scratch.Scrubber, tookForeign);
            }
        }

        // Resources last: until now their sensitive values were sources of mappings.
        Pseudonymize(view, scratch, withItems: false);
    }

    /// <summary>Replaces sensitive values in everything but, where told so, items.</summary>
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
                    var row = view.Row(_slots, node);
                    UseTenant(view, row, resource, scratch);
                    _pseudonyms.Apply(view, row, scratch.Pseudonyms, scratch.Scrubber, lookEverywhere: false);
                    break;
                default:
                    break;
            }
        }
    }

    private void UseTenant(OtlpView view, in SlotRow row, int resource, EnrichmentScratch scratch)
    {
        var tenant = row.TryGetText(_tenant, out var ofSpan) || row.Has(_tenant) ? ofSpan
            : view.Row(_slots, resource).TryGetText(_tenant, out var ofResource) ? ofResource : default;
        scratch.Pseudonyms.Use(tenant);
    }
}
