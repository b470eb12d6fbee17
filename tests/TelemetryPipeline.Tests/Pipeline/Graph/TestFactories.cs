using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Graph;

internal sealed class TestReceiverFactory(TestWorld world) : ReceiverFactory<string>
{
    public override string Type => "recv";

    public override string ReadConfig(ConfigSection section) => section.RequiredText(TestWorld.SettingKey);

    public override IReceiver Create(ComponentContext context, string config, IReadOnlyList<Outlet> outlets) =>
        world.Add(context, new TestReceiver(world.NameOf(context), world.Journal, outlets));
}

internal sealed class TestProcessorFactory(TestWorld world, bool mutates) : ProcessorFactory<string>
{
    public override string Type => mutates ? "change" : "pass";

    public override string ReadConfig(ConfigSection section) => section.RequiredText(TestWorld.SettingKey);

    public override IProcessor Create(ComponentContext context, string config, IConsumer next) =>
        world.Add(context, new TestProcessor(world.NameOf(context), world.Journal, next, mutates) { Pipeline = context.Pipeline });
}

internal sealed class TestExporterFactory(TestWorld world) : ExporterFactory<string>
{
    public override string Type => "exp";

    public override string ReadConfig(ConfigSection section) => section.RequiredText(TestWorld.SettingKey);

    public override IExporter Create(ComponentContext context, string config) =>
        world.Add(context, new TestExporter(world.NameOf(context), world.Journal));

    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(string config) =>
        config.StartsWith("uses ", StringComparison.Ordinal)
            ? [("storage", new ComponentId("ext", ""))]
            : [];
}

internal sealed class TestConnectorFactory(TestWorld world) : ConnectorFactory<string>
{
    public override string Type => "conn";

    public override IReadOnlyList<(Signal From, Signal To)> Routes =>
        [(Signal.Traces, Signal.Traces), (Signal.Traces, Signal.Logs), (Signal.Logs, Signal.Logs)];

    public override string ReadConfig(ConfigSection section) => section.RequiredText(TestWorld.SettingKey);

    public override IConnector Create(ComponentContext context, string config, IReadOnlyList<Outlet> outlets) =>
        world.Add(context, new TestConnector(world.NameOf(context), world.Journal, outlets));
}

internal sealed class TestExtensionFactory(TestWorld world) : ExtensionFactory<string>
{
    public override string Type => "ext";

    public override string ReadConfig(ConfigSection section) => section.RequiredText(TestWorld.SettingKey);

    public override IExtension Create(ComponentContext context, string config) =>
        world.Add(context, new TestComponent(world.NameOf(context), world.Journal));
}
