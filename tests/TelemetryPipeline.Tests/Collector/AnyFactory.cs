using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Tests.Pipeline.Graph;

namespace TelemetryPipeline.Tests.Collector;

/// <summary>Factories of any kind, for what all components must do alike.</summary>
internal static class AnyFactory
{
    /// <summary>Reads settings.</summary>
    /// <returns>Creates a component from them.</returns>
    public static Func<ComponentContext, IComponent> Plan(this ComponentFactory factory, ConfigSection section)
    {
        Outlet[] outlets = [new(), new(), new()];
        switch (factory)
        {
            case ReceiverFactory receivers:
                var receiver = receivers.Plan(section);
                return context => receiver.Create(context, outlets);
            case ProcessorFactory processors:
                var processor = processors.Plan(section);
                return context => processor.Create(context, new TestExporter("next", new Journal()));
            case ExporterFactory exporters:
                var exporter = exporters.Plan(section);
                return context => exporter.Create(context);
            case ConnectorFactory connectors:
                var connector = connectors.Plan(section);
                return context => connector.Create(context, outlets);
            case ExtensionFactory extensions:
                var extension = extensions.Plan(section);
                return context => extension.Create(context);
            default:
                throw new ArgumentException($"{factory.GetType()} makes no known kind of component", nameof(factory));
        }
    }
}
