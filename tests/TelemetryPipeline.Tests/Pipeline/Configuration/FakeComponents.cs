using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

/// <summary>A registry of components that only have settings, for the tests of configurations.</summary>
internal static class FakeComponents
{
    public static ComponentRegistry Registry { get; } = new(
        new FakeReceiver("nop"),
        new FakeReceiver("settings"),
        new FakeProcessor(),
        new FakeExporter("nop", [Signal.Traces, Signal.Metrics, Signal.Logs]),
        new FakeExporter("traces_only", [Signal.Traces]),
        new FakeExporter("settings", [Signal.Traces, Signal.Metrics, Signal.Logs]),
        new FakeConnector("join", [(Signal.Traces, Signal.Traces), (Signal.Logs, Signal.Logs)]),
        new FakeConnector("count", [(Signal.Traces, Signal.Metrics)]),
        new FakeExtension());

    private static FakeSettings Read(ConfigSection section) => new(
        section.Text("endpoint", "localhost:1"),
        section.Int32("retries", 1, 0, 10),
        section.Float("ratio", 0.5, 0, 1),
        section.Duration("timeout", TimeSpan.FromSeconds(5)),
        section.Secret("password"),
        section.TextMap("headers"),
        section.TextMap("labels", isSecret: false),
        section.Text("proxy"),
        section.Word("mode", "fast", ("fast", "fast"), ("slow", "slow")),
        section.Id("storage"));

    internal sealed record FakeSettings(
        string? Endpoint,
        int Retries,
        double Ratio,
        TimeSpan Timeout,
        Secret? Password,
        IReadOnlyList<KeyValuePair<string, string>> Headers,
        IReadOnlyList<KeyValuePair<string, string>> Labels,
        string? Proxy,
        string Mode,
        ComponentId? Storage);

    private static FakeSettings? ReadAs(string type, ConfigSection section)
    {
        if (type != "settings")
        {
            return null;
        }

        section.Unsupported("use mode", "compressor");
        return Read(section);
    }

    /// <summary>The settings of a component.</summary>
    public static FakeSettings SettingsOf<TFactory, TCreate>(ComponentEntry<TFactory, TCreate> entry)
        where TFactory : ComponentFactory<TCreate>
        where TCreate : Delegate => Assert.IsType<ComponentPlan<TCreate, FakeSettings?>>(entry.Plan).Config!;

    private sealed class FakeReceiver(string type) : ReceiverFactory<FakeSettings?>
    {
        public override string Type => type;

        public override FakeSettings? ReadConfig(ConfigSection section) => ReadAs(type, section);

        public override IReceiver Create(ComponentContext context, FakeSettings? config, IReadOnlyList<Outlet> outlets) =>
            throw new NotSupportedException();
    }

    private sealed class FakeProcessor : ProcessorFactory<NoSettings>
    {
        public override string Type => "nop";

        public override NoSettings ReadConfig(ConfigSection section) => default;

        public override IProcessor Create(ComponentContext context, NoSettings config, IConsumer next) =>
            throw new NotSupportedException();
    }

    private sealed class FakeExporter(string type, IReadOnlyList<Signal> signals) : ExporterFactory<FakeSettings?>
    {
        public override string Type => type;

        public override IReadOnlyList<string> Aliases => type == "settings" ? ["settings_old"] : [];

        public override Stability Stability => Stability.Stable;

        public override IReadOnlyList<Signal> Signals => signals;

        public override FakeSettings? ReadConfig(ConfigSection section) => ReadAs(type, section);

        public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(FakeSettings? config) =>
            config is FakeSettings { Storage: { } storage } ? [("storage", storage)] : [];

        public override IExporter Create(ComponentContext context, FakeSettings? config) => throw new NotSupportedException();
    }

    private sealed class FakeConnector(string type, IReadOnlyList<(Signal From, Signal To)> routes) : ConnectorFactory<NoSettings>
    {
        public override string Type => type;

        public override IReadOnlyList<(Signal From, Signal To)> Routes => routes;

        public override NoSettings ReadConfig(ConfigSection section) => default;

        public override IConnector Create(ComponentContext context, NoSettings config, IReadOnlyList<Outlet> outlets) =>
            throw new NotSupportedException();
    }

    private sealed class FakeExtension : ExtensionFactory<NoSettings>
    {
        public override string Type => "store";

        public override NoSettings ReadConfig(ConfigSection section) => default;

        public override IExtension Create(ComponentContext context, NoSettings config) => throw new NotSupportedException();
    }
}
