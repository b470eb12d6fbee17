using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>Makes <c>field_encryption</c> processors.</summary>
internal sealed class FieldEncryptionFactory : ProcessorFactory<FieldEncryptionConfig>
{
    /// <summary>Makes what a key service is asked with.</summary>
    internal Func<KeyServiceConfig, ComponentContext, IKeyService> KeyServices { get; init; } =
        static (config, context) => new TransitClient(config, context);

    /// <inheritdoc/>
    public override string Type => "field_encryption";

    /// <inheritdoc/>
    public override FieldEncryptionConfig ReadConfig(ConfigSection section) => FieldEncryptionConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, FieldEncryptionConfig config, IConsumer next) =>
        new FieldEncryptionProcessor(context, config, KeyServices, next);
}
