namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>Who is told.</summary>
internal enum ReceiverKind : byte
{
    /// <summary>Prometheus Alertmanager, API v2.</summary>
    Alertmanager,

    /// <summary>Anything that takes JSON.</summary>
    Webhook,

    /// <summary>A WeCom group robot.</summary>
    WeCom,
}
