using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;

namespace TransferServices;

/// <summary>One of the 17 services: answers calls with a SERVER span and makes calls with CLIENT spans.</summary>
/// <remarks>The trace context crosses between services only as W3C headers, as it would over a network.</remarks>
internal abstract partial class TransferNode : IDisposable
{
    private static readonly TraceContextPropagator Propagator = new();

    private readonly ServiceTelemetry _telemetry;

    protected TransferNode(string serviceName, string nodeType, string operation, WorkloadOptions options)
    {
        ServiceName = serviceName;
        NodeType = nodeType;
        Operation = operation;
        _telemetry = new ServiceTelemetry(serviceName, options);
    }

    /// <summary>Value of <c>service.name</c>.</summary>
    public string ServiceName { get; }

    /// <summary>One of the six tiers.</summary>
    public string NodeType { get; }

    /// <summary>Name of its spans.</summary>
    public string Operation { get; }

    /// <summary>The kind of span a call begins with on this side.</summary>
    protected virtual ActivityKind EntryKind => ActivityKind.Server;

    /// <summary>The kind of span a caller wraps the call in.</summary>
    protected virtual ActivityKind CallKind => ActivityKind.Client;

    /// <summary>How this node's instrumentation names the headers of a request that it records.</summary>
    protected virtual string HeaderPrefix => "rpc.grpc.request.metadata.";

    /// <summary>The node's logger.</summary>
    protected ILogger Logger => _telemetry.Logger;

    /// <summary>Answers a call.</summary>
    /// <param name="run">The transfer under way.</param>
    /// <param name="headers">Request headers, empty for the first node.</param>
    /// <param name="cancel">Set when the caller stops waiting.</param>
    public async Task<Verdict> HandleAsync(TransferRun run, Dictionary<string, string> headers, CancellationToken cancel)
    {
        var parent = Propagator.Extract(default, headers, static (h, key) => h.TryGetValue(key, out var v) ? [v] : []);
        Activity.Current = null;
        using var span = _telemetry.Source.StartActivity(Operation, EntryKind, parent.ActivityContext);
        var begin = Stopwatch.GetTimestamp();
        Describe(span, run);
        Verdict verdict;
        try
        {
            verdict = await ProcessAsync(run, span, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            verdict = Verdict.Timeout("ERR_CANCELLED");
        }

        Conclude(span, verdict);
        _telemetry.Record(Stopwatch.GetElapsedTime(begin), NodeType, verdict);
        if (verdict.Failed && verdict.Status != "FAILED")
        {
            NotDone(Logger, run.Transfer.OrderNo, verdict.Status, verdict.Code!);
        }

        return verdict;
    }

    /// <summary>Sends what is left.</summary>
    public void Flush(int timeoutMs) => _telemetry.Flush(timeoutMs);

    public virtual void Dispose()
    {
        _telemetry.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The node's work; its own attributes go to the span.</summary>
    protected abstract Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel);

    /// <summary>Calls the next service and passes its answer on as it came.</summary>
    /// <param name="callee">The service.</param>
    /// <param name="run">The transfer under way.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <param name="attempt">From 1; shown from the second try on.</param>
    protected async Task<Verdict> CallAsync(TransferNode callee, TransferRun run, CancellationToken cancel, int attempt = 1)
    {
        using var span = _telemetry.Source.StartActivity(callee.Operation, callee.CallKind);
        span?.SetTag("peer.service", callee.ServiceName);
        span?.SetTag("node_type", NodeType);
        if (attempt > 1)
        {
            span?.SetTag("http.request.resend_count", attempt - 1);
        }

        var headers = new Dictionary<string, string>(2, StringComparer.Ordinal);
        if (span is not null)
        {
            Propagator.Inject(new PropagationContext(span.Context, Baggage.Current), headers, static (h, k, v) => h[k] = v);
        }

        var verdict = await callee.HandleAsync(run, headers, cancel);
        Conclude(span, verdict.PassedOn());
        return verdict;
    }

    /// <summary>Work of the node itself: some milliseconds around a median, with a tail.</summary>
    /// <param name="run">Draws the latency.</param>
    /// <param name="medianMs">Half of the calls take less.</param>
    /// <param name="cancel">Stops waiting.</param>
    protected static Task WorkAsync(TransferRun run, double medianMs, CancellationToken cancel) =>
        Task.Delay(TimeSpan.FromMilliseconds(run.DrawLatencyMs(medianMs)), cancel);

    private void Describe(Activity? span, TransferRun run)
    {
        if (span is null)
        {
            return;
        }

        var transfer = run.Transfer;
        span.SetTag("node_type", NodeType);
        span.SetTag("currency", transfer.Currency);
        foreach (var (name, value) in transfer.Headers)
        {
            // As instrumentations record the headers of a request: a list of values.
            span.SetTag(HeaderPrefix + name, new[] { value });
        }
    }

    private static void Conclude(Activity? span, Verdict verdict)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag("status", verdict.Status);
        if (verdict.Code is { } code)
        {
            span.SetTag("code", code);
            span.SetStatus(ActivityStatusCode.Error, code);
        }

        span.Stop();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Transfer {OrderNo} ended here: {Status}, {Code}")]
    private static partial void NotDone(ILogger logger, string orderNo, string status, string code);
}
