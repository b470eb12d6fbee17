using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Tls;

public sealed partial class CertificateSource
{
    private const string ReloadMetric = "otelcol_tls_reloads";
    private const string ReloadHelp = "Changed TLS files that were read again, by outcome.";

    private readonly ILogger _log;
    private readonly string _component;
    private readonly Counter _reloads;
    private readonly Counter _failedReloads;

    private void Reloaded(TlsMaterial material)
    {
        _reloads.Add(1);
        LogReloaded(_log, _component, material.Certificate?.TargetCertificate.Subject ?? "none", material.Certificate?.TargetCertificate.NotAfter);
    }

    private void KeptOld(Exception cause)
    {
        _failedReloads.Add(1);
        LogKeptOld(_log, _component, cause.Message);
    }

    [LoggerMessage(LogLevel.Information, "TLS files of {Component} reloaded for new connections: certificate {Subject}, valid until {NotAfter}")]
    private static partial void LogReloaded(ILogger logger, string component, string subject, DateTime? notAfter);

    [LoggerMessage(LogLevel.Error, "Reload of TLS files of {Component} failed; keeping the previous ones: {Problem}")]
    private static partial void LogKeptOld(ILogger logger, string component, string problem);
}
