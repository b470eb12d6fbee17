using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Receiver;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>Reads the settings of an <c>otlp</c> receiver from YAML.</summary>
internal static class ReceiverYaml
{
    public static (OtlpReceiverConfig Config, string[] Errors) Read(string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, "c.yaml", out var node, out var error), error?.ToString());
        var errors = new ConfigErrors();
        var config = new OtlpReceiverFactory().ReadConfig(new ConfigSection(node, node.Position, "receivers::otlp", errors));
        return ((OtlpReceiverConfig)config, errors.Sorted().Select(static e => e.ToString()).ToArray());
    }
}
