namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>What a component does in a pipeline.</summary>
public enum ComponentKind : byte
{
    /// <summary>Brings data in.</summary>
    Receiver,

    /// <summary>Changes or drops data on its way.</summary>
    Processor,

    /// <summary>Takes data out.</summary>
    Exporter,

    /// <summary>Ends one pipeline and begins another.</summary>
    Connector,

    /// <summary>Serves beside the pipelines.</summary>
    Extension,
}

/// <summary>The words a kind goes by.</summary>
public static class ComponentKindNames
{
    /// <summary>Every kind, in the order of its value.</summary>
    public static ReadOnlySpan<ComponentKind> All =>
    [
        ComponentKind.Receiver, ComponentKind.Processor, ComponentKind.Exporter, ComponentKind.Connector,
        ComponentKind.Extension,
    ];

    /// <summary>One of them, in a message: <c>receiver</c>.</summary>
    /// <param name="kind">The kind.</param>
    public static string Noun(this ComponentKind kind) => kind switch
    {
        ComponentKind.Receiver => "receiver",
        ComponentKind.Processor => "processor",
        ComponentKind.Exporter => "exporter",
        ComponentKind.Connector => "connector",
        _ => "extension",
    };

    /// <summary>The key of their part of the configuration: <c>receivers</c>.</summary>
    /// <param name="kind">The kind.</param>
    public static string SectionKey(this ComponentKind kind) => kind switch
    {
        ComponentKind.Receiver => "receivers",
        ComponentKind.Processor => "processors",
        ComponentKind.Exporter => "exporters",
        ComponentKind.Connector => "connectors",
        _ => "extensions",
    };
}
