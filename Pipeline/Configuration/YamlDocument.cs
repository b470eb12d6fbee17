using System.Diagnostics.CodeAnalysis;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Reads the YAML files that components take beside the configuration: topologies, rules.</summary>
public static class YamlDocument
{
    /// <summary>Reads a document, which may also be JSON. Variables are not expanded.</summary>
    /// <param name="text">The text; empty text is a null value.</param>
    /// <param name="source">The file's name, for positions.</param>
    /// <param name="node">The value.</param>
    /// <param name="error">Where and why the text is not valid.</param>
    public static bool TryRead(
        string text, string source, [NotNullWhen(true)] out ConfigNode? node, [NotNullWhen(false)] out ConfigError? error) =>
        YamlReader.TryRead(text, source, out node, out error);
}
