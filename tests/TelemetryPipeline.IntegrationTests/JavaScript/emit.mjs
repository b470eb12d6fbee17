// Emits a fixed set of spans, data points and log records through the official SDK, and prints what it sent as JSON.
//   node emit.mjs json|protobuf ENDPOINT
// The exit code is 0 only when the collector accepted everything.
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const [encoding, endpoint] = process.argv.slice(2);
const [Traces, Metrics, Logs] = { json: [JsonTraces, JsonMetrics, JsonLogs], protobuf: [ProtoTraces, ProtoMetrics, ProtoLogs] }[encoding];

let refused = 0;

// The SDK swallows export errors; the test must not.
function watched(exporter) {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) => send(items, (result) => {
    if (result.code !== 0) {
      refused++;
      console.error(result.error);
    }
    done(result);
  });
  return exporter;
}

const resource = resourceFromAttributes({ 'service.name': 'mobile-app', 'tenant.id': 'bank-07' });
const tracerProvider = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(watched(new Traces({ url: `${endpoint}/v1/traces` })))],
});
const meterProvider = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({
    exporter: watched(new Metrics({ url: `${endpoint}/v1/metrics` })),
    exportIntervalMillis: 600_000,
  })],
});
const loggerProvider = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: watched(new Logs({ url: `${endpoint}/v1/logs` })) })],
});

const tracer = tracerProvider.getTracer('transfers', '1.0.0');
const root = tracer.startSpan('transfer', {
  kind: SpanKind.CLIENT,
  attributes: { 'biz.order_no': 'TRD20240521000004567', amount: 12_345_678, rate: 7.25, first: true, steps: ['risk', 'ledger'] },
});
const inner = tracer.startSpan('deduct', { kind: SpanKind.SERVER }, trace.setSpan(context.active(), root));
inner.addEvent('exception', { 'exception.type': 'InsufficientBalance' });
inner.setAttribute('code', 'ERR_INSUFFICIENT_BALANCE');
inner.setStatus({ code: SpanStatusCode.ERROR, message: 'balance too low' });
inner.end();
root.end();

const meter = meterProvider.getMeter('transfers', '1.0.0');
meter.createCounter('transfers', { unit: '{transfer}' }).add(42, { channel: 'nucc' });
meter.createHistogram('latency', { unit: 'ms', advice: { explicitBucketBoundaries: [10, 20] } }).record(15);

loggerProvider.getLogger('transfers', '1.0.0').emit({
  severityNumber: SeverityNumber.WARN,
  severityText: 'WARN',
  body: 'balance too low: \u4f59\u989d\u4e0d\u8db3',
  attributes: { 'biz.order_no': 'TRD20240521000004567' },
  context: trace.setSpan(context.active(), inner),
});

// Sends everything once; a flush before it would send the cumulative metrics twice.
for (const provider of [tracerProvider, meterProvider, loggerProvider]) {
  await provider.shutdown();
}

console.log(JSON.stringify({
  traceId: root.spanContext().traceId,
  rootId: root.spanContext().spanId,
  innerId: inner.spanContext().spanId,
}));
process.exitCode = refused === 0 ? 0 : 1;
