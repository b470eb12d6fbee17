using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Attribution;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Benchmarks.Attribution;

/// <summary>
/// The connector <c>anomaly_attribution</c> with the shipped rules under a steady load of transfers over 17 services: how
/// long after its span has arrived an event leaves, and what a span costs. Every batch is of one service, as SDKs send;
/// one transfer in fifty fails at the ledger.
/// </summary>
public sealed class AttributionLoad : IConsumer
{
    private const int Transfers = 50; // in a round of 17 batches
    private const int Seconds = 20;
    private const int WarmSeconds = 5;
    private const int Senders = 2;
    private static readonly double MsPerTick = 1000.0 / Stopwatch.Frequency;

    private readonly List<double> _scheduledMs = [];
    private readonly List<double> _arrivedMs = [];
    private readonly Lock _lock = new();
    private bool _isWarm;
    private long _events;

    [ThreadStatic]
    private static long _scheduled;

    [ThreadStatic]
    private static long _arrived;

    /// <summary>Runs it and prints what came out.</summary>
    /// <param name="spansPerSecond">The load.</param>
    public static async Task PrintAsync(int spansPerSecond)
    {
        await new AttributionLoad().RunAsync(spansPerSecond);
        await new AttributionLoad().CostAsync();
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            _events += batch.ItemCount;
            if (_isWarm && _arrived != 0)
            {
                _arrivedMs.Add((now - _arrived) * MsPerTick);
                _scheduledMs.Add((now - _scheduled) * MsPerTick);
            }
        }

        return new(ConsumeResult.Accepted);
    }

    private static (IConnector Connector, MetricRegistry Metrics) Create(IConsumer next)
    {
        var node = YamlReader.TryRead("{query: {enabled: false}}", "bench", out var read, out _) ? read : null;
        var section = new ConfigSection(node, default, "connectors::anomaly_attribution", new ConfigErrors());
        var factory = new AnomalyAttributionFactory();
        var outlet = new Outlet();
        outlet.ConnectAsync(next);
        var metrics = new MetricRegistry();
        var id = ComponentId.TryParse("anomaly_attribution", out var parsed, out var problem) ? parsed : throw new InvalidOperationException(problem);
        var context = new ComponentContext
        {
            Id = id,
            Signals = [Signal.Traces],
            Loggers = NullLoggerFactory.Instance,
            Metrics = metrics,
            Extensions = new NoExtensions(),
            ReportStatus = static (_, _) => { },
        };
        return (factory.Create(context, factory.ReadConfig(section), [new Outlet(), new Outlet(), outlet]), metrics);
    }

    private async Task RunAsync(int spansPerSecond)
    {
        var (connector, metrics) = Create(this);
        await connector.StartAsync(CancellationToken.None);
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        var senders = Enumerable.Range(0, Senders).Select(n => new Thread(() => Send(connector, n, spansPerSecond / Senders))).ToList();
        senders.ForEach(t => t.Start());
        await Task.Delay(TimeSpan.FromSeconds(WarmSeconds));
        lock (_lock)
        {
            _isWarm = true;
        }

        senders.ForEach(t => t.Join());
        var cpu = Process.GetCurrentProcess().TotalProcessorTime - before;
        Line($"{spansPerSecond} spans/s for {Seconds} s from {Senders} threads, CPU {cpu.TotalSeconds / Seconds:0.00} cores (the load's own work included)");
        Line($"first events measured {_arrivedMs.Count}, events in all {_events}");
        Quantiles("from the call with the batch to the event", _arrivedMs);
        Quantiles("from when the batch was due to the event", _scheduledMs);
        Show(metrics, "open_traces", "decided_traces_held", "stored_spans", "memory_bytes", "evicted_traces", "decided_traces", "dropped_events", "unstored_spans", "duplicate_spans", "late_spans", "rule_hits", "windows", "groups");
        await connector.StopAsync(CancellationToken.None);
    }

    private async Task CostAsync()
    {
        var (connector, _) = Create(this);
        await connector.StartAsync(CancellationToken.None);
        var rounds = new TransferRounds(1, failingOneIn: int.MaxValue);
        for (var i = 0; i < 200; i++)
        {
            await SendRoundAsync(connector, rounds);
        }

        // One batch at a time, as a receiver has them: its arrays come from pools and go back.
        const int Measured = 400;
        var slots = ((AnomalyAttributionConnector)connector).Attributor.Rules.Slots;
        var (spans, bytes, ticks, indexTicks) = (0L, 0L, 0L, 0L);
        for (var i = 0; i < Measured; i++)
        {
            foreach (var batch in rounds.Next())
            {
                // What every component pays that looks inside: the spans' index, and the attributes by slot.
                var (bytesBefore, before) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
                _ = batch.View(0).Spans.Length;
                batch.View(0).Present(slots, 1);
                indexTicks += Stopwatch.GetTimestamp() - before;
                before = Stopwatch.GetTimestamp();
                await connector.ConsumeAsync(batch, CancellationToken.None);
                ticks += Stopwatch.GetTimestamp() - before;
                bytes += GC.GetAllocatedBytesForCurrentThread() - bytesBefore;
                spans += batch.ItemCount;
                batch.Dispose();
            }
        }

        Line($"as fast as one thread can, healthy spans: {ticks * MsPerTick * 1e6 / spans:0} ns/span, and {indexTicks * MsPerTick * 1e6 / spans:0} ns/span for the index and slots of the batch before it; {(double)bytes / spans:0.0} bytes/span allocated");
        await connector.StopAsync(CancellationToken.None);
    }

    private static async Task SendRoundAsync(IConnector connector, TransferRounds rounds)
    {
        foreach (var batch in rounds.Next())
        {
            await connector.ConsumeAsync(batch, CancellationToken.None);
            batch.Dispose();
        }
    }

    private void Send(IConnector connector, int number, int spansPerSecond)
    {
        var rounds = new TransferRounds(number + 1, failingOneIn: 50);
        var between = (long)(Stopwatch.Frequency * (double)Transfers / spansPerSecond);
        var due = Stopwatch.GetTimestamp();
        var end = due + ((WarmSeconds + Seconds) * Stopwatch.Frequency);
        while (due < end)
        {
            foreach (var batch in rounds.Next())
            {
                while (Stopwatch.GetTimestamp() is var now && now < due)
                {
                    Thread.Sleep((due - now) * MsPerTick > 1.5 ? 1 : 0);
                }

                (_scheduled, _arrived) = (due, Stopwatch.GetTimestamp());
                connector.ConsumeAsync(batch, CancellationToken.None).AsTask().Wait();
                _arrived = 0;
                batch.Dispose();
                due += between;
            }
        }
    }

    private static void Show(MetricRegistry metrics, params string[] names)
    {
        foreach (var family in metrics.Families.Where(f => names.Contains(f.Name["otelcol_connector_anomaly_attribution_".Length..])))
        {
            foreach (var (labels, value) in family.Series)
            {
                Line($"  {family.Name} {{{labels}}} {value switch { Counter c => c.Value, Gauge g => g.Read(), _ => 0 }}");
            }
        }
    }

    private static void Quantiles(string what, List<double> ms)
    {
        ms.Sort();
        if (ms.Count > 0)
        {
            Line($"{what}: p50 {At(0.5):0.000} ms, p99 {At(0.99):0.000} ms, p99.9 {At(0.999):0.000} ms, longest {ms[^1]:0.000} ms");
        }

        double At(double quantile) => ms[Math.Min((int)(quantile * ms.Count), ms.Count - 1)];
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }

    /// <summary>Rounds of 17 batches with new trace ids each time, made by exchanging the ids in the bytes of one round.</summary>
    private sealed class TransferRounds
    {
        private readonly byte[][] _services;
        private readonly List<int>[] _ids;
        private readonly List<int>[] _orders;
        private readonly List<(int Start, int End, ulong DurationNs)>[] _times;
        private readonly uint _sender;
        private uint _round;

        public TransferRounds(int sender, int failingOneIn)
        {
            _sender = (uint)sender;
            var traces = new TransferTraces(sender);
            var request = traces.Request(1, failing: failingOneIn < int.MaxValue);
            request.MergeFrom(traces.Request(Transfers - 1).ToByteArray());
            _services = new byte[17][];
            _ids = new List<int>[17];
            _orders = new List<int>[17];
            _times = new List<(int, int, ulong)>[17];
            for (var service = 0; service < 17; service++)
            {
                var one = new ExportTraceServiceRequest();
                foreach (var envelope in request.ResourceSpans.Where((_, i) => i % 17 == service))
                {
                    if (one.ResourceSpans.Count == 0)
                    {
                        one.ResourceSpans.Add(envelope);
                    }
                    else
                    {
                        one.ResourceSpans[0].ScopeSpans[0].Spans.AddRange(envelope.ScopeSpans[0].Spans);
                    }
                }

                _services[service] = one.ToByteArray();
                _orders[service] = [.. one.ResourceSpans[0].ScopeSpans[0].Spans.Select(s => OrderOf(_services[service], s))];
                _times[service] = [.. one.ResourceSpans[0].ScopeSpans[0].Spans.Select(s => (
                    _services[service].AsSpan().IndexOf(BitConverter.GetBytes(s.StartTimeUnixNano)),
                    _services[service].AsSpan().IndexOf(BitConverter.GetBytes(s.EndTimeUnixNano)),
                    s.EndTimeUnixNano - s.StartTimeUnixNano))];
                _ids[service] = [.. one.ResourceSpans[0].ScopeSpans[0].Spans.Select(s => _services[service].AsSpan().IndexOf(s.TraceId.Span))];
            }
        }

        // The digits of an order number before the last four, which tell the transfers of a round apart.
        private static int OrderOf(byte[] bytes, Span span) => bytes.AsSpan().IndexOf(
            System.Text.Encoding.UTF8.GetBytes(span.Attributes.Single(a => a.Key == "biz.order_no").Value.StringValue)) + "TRD20240521".Length;

        public IEnumerable<OtlpBatch> Next()
        {
            _round++;
            for (var service = 0; service < 17; service++)
            {
                var bytes = _services[service].ToArray();
                foreach (var at in _ids[service])
                {
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), (_round << 2) | _sender);
                }

                foreach (var at in _orders[service])
                {
                    (((_round % 10_000) * 10) + _sender).TryFormat(bytes.AsSpan(at), out _, "D5");
                }

                var nowNs = (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
                foreach (var (start, end, durationNs) in _times[service])
                {
                    BitConverter.TryWriteBytes(bytes.AsSpan(start), nowNs - durationNs);
                    BitConverter.TryWriteBytes(bytes.AsSpan(end), nowNs);
                }

                yield return new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, bytes, _ids[service].Count));
            }
        }
    }
}
