namespace TelemetryPipeline.Exporters.Alerting.Templates;

/// <summary>What a placeholder becomes where JSON stands outside of quotation marks.</summary>
internal enum TemplateValueKind : byte
{
    /// <summary>A quoted text.</summary>
    Text,

    /// <summary>Digits or a JSON list or object as they are; null where there is nothing.</summary>
    Raw,
}

/// <summary>A placeholder's name and where its value comes from.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">How it is put into JSON.</param>
/// <param name="Read">Reads the value; empty where there is none.</param>
internal sealed record TemplateField(string Name, TemplateValueKind Kind, Func<Alert, string, string> Read);
