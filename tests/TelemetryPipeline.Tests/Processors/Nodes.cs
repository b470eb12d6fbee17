using System.Globalization;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Processors;

/// <summary>Settings without a file.</summary>
internal static class Nodes
{
    public static SourcePosition Here => new("test.yaml", 1, 1);

    public static ConfigMap Map(params (string Key, object? Value)[] entries)
    {
        var list = new List<ConfigEntry>();
        foreach (var (key, value) in entries)
        {
            list.Add(new ConfigEntry(key, Here, Of(value)));
        }

        return new ConfigMap { Position = Here, Entries = list };
    }

    public static ConfigList List(params object?[] values)
    {
        var items = new List<ConfigNode>();
        foreach (var value in values)
        {
            items.Add(Of(value));
        }

        return new ConfigList { Position = Here, Items = items };
    }

    private static ConfigNode Of(object? value) => value switch
    {
        ConfigNode node => node,
        null => Scalar(ScalarKind.Null, ""),
        bool b => Scalar(ScalarKind.Bool, b ? "true" : "false"),
        int i => Scalar(ScalarKind.Int, i.ToString(CultureInfo.InvariantCulture)),
        double d => Scalar(ScalarKind.Float, d.ToString("R", CultureInfo.InvariantCulture)),
        string s => Scalar(ScalarKind.Text, s),
        _ => throw new ArgumentException($"no node for {value.GetType().Name}", nameof(value)),
    };

    private static ConfigScalar Scalar(ScalarKind kind, string text) =>
        new() { Position = Here, Kind = kind, Text = text };
}
