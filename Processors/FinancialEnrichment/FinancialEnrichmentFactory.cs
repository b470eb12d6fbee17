using System.Security.Cryptography;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FinancialEnrichment.Lookups;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>Makes <c>financial_enrichment</c> processors.</summary>
internal sealed class FinancialEnrichmentFactory : ProcessorFactory<FinancialEnrichmentConfig>
{
    private const int GeneratedSaltBytes = 32;

    // One for the process: every pipeline gives a customer the same pseudonym, and a reload does not change it.
    private readonly Lazy<SaltBook> _drawn = new(static () => SaltBook.Drawn(RandomNumberGenerator.GetBytes(GeneratedSaltBytes)));

    /// <summary>Makes what a lookup asks Redis with.</summary>
    internal Func<RedisLookupConfig, ComponentContext, ILookupSource> RedisSources { get; init; } = static (config, context) => new RedisSource(config, context);

    /// <inheritdoc/>
    public override string Type => "financial_enrichment";

    /// <inheritdoc/>
    public override FinancialEnrichmentConfig ReadConfig(ConfigSection section) => FinancialEnrichmentConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, FinancialEnrichmentConfig config, IConsumer next) =>
        new FinancialEnrichmentProcessor(context, config, _drawn, RedisSources, next);
}
