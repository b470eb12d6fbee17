using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Graph;

internal sealed class TestReceiverFactory(TestWorld world) : ReceiverFactory
{
    public override string Type => "recv";

    public override object ReadConfig(ConfigSection section) => section;

    public override IReceiver Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets) =>
        world.Add(context, new TestReceiver(world.NameOf(context), world.Journal, outlets));
}

internal sealed class TestProcessorFactory(TestWorld world, bool mutates) : ProcessorFactory
{
    public override string Type => mutates ? "change" : "pass";

    public override object ReadConfig(ConfigSection section) => section;

    public override IProcessor Create(ComponentContext context, object config, IConsumer next) =>
        world.Add(context, new TestProcessor(world.NameOf(context), world.Journal, next, mutates) { Pipeline = context.Pipeline });
}

internal sealed class TestExporterFactory(TestWorld world) : ExporterFactory
{
    public override string Type => "exp";

    public override object ReadConfig(ConfigSection section) => section;

    public override IExporter Create(ComponentContext context, object config) =>
        world.Add(context, new TestExporter(world.NameOf(context), world.Journal));

    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(object config) =>
        config is string text && text.StartsWith("uses ", StringComparison.Ordinal)
            ? [("storage", new ComponentId("ext", ""))]
            : [];
}

internal sealed class TestConnectorFactory(TestWorld world) : ConnectorFactory
{
    public override string Type => "conn";

    public override IReadOnlyList<(Signal From, Signal To)> Routes =>
        [(Signal.Traces, Signal.Traces), (Signal.Traces, Signal.Logs), (Signal.Logs, Signal.Logs)];

    public override object ReadConfig(ConfigSection section) => section;

    public override IConnector Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets) =>
        world.Add(context, new TestConnector(world.NameOf(context), world.Journal, outlets));
}

internal sealed class TestExtensionFactory(TestWorld world) : ExtensionFactory
{
    public override string Type => "ext";

    public override object ReadConfig(ConfigSection section) => section;

    public override IExtension Create(ComponentContext context, object config) =>
        world.Add(context, new TestComponent(world.NameOf(context), world.Journal));
}
