"""Export requests of payment spans, as files that h2load can send.

A payload is written four times: as the body of OTLP/HTTP and as a gRPC message, each plain and gzip-compressed.
The same seed gives the same spans; only their time differs from day to day.
"""
import gzip
import pathlib
import random
import struct
import time

FORMS = ("grpc-none", "grpc-gzip", "http-none", "http-gzip")
VARIANTS = 4
SPANS_PER_RESOURCE_MAX = 250
SPANS_PER_TRACE_MAX = 8
FAILED_SHARE = 0.02

# service.name, node_type and an operation of it
NODES = [
    ("mobile-bank-gateway", "gateway", "POST /mobile-banking/v1/transfers"),
    ("auth-service", "gateway", "auth.v1.Sessions/Verify"),
    ("risk-engine", "risk", "risk.v1.Engine/Evaluate"),
    ("transfer-orchestrator", "core", "core.v1.Transfers/Execute"),
    ("account-core", "core", "core.v1.Accounts/Validate"),
    ("balance-ledger", "core", "core.v1.Ledger/Deduct"),
    ("clearing-engine", "core", "clearing.v1.Netting/Submit"),
    ("pboc-front", "pboc", "pboc.v1.Front/Submit"),
]
CHANNELS = ["unionpay", "nucc", "alipay", "wechat", "swift"]


class Message:
    """A protobuf message under construction."""

    def __init__(self):
        self._bytes = bytearray()

    def __bytes__(self):
        return bytes(self._bytes)

    def _varint(self, value):
        while value > 0x7F:
            self._bytes.append(value & 0x7F | 0x80)
            value >>= 7
        self._bytes.append(value)

    def varint(self, field, value):
        self._varint(field << 3)
        self._varint(value)
        return self

    def fixed(self, field, value, width):
        self._varint(field << 3 | (1 if width == 8 else 5))
        self._bytes += value.to_bytes(width, "little")
        return self

    def add(self, field, value):
        """A string, bytes or a message."""
        content = value.encode() if isinstance(value, str) else bytes(value)
        self._varint(field << 3 | 2)
        self._varint(len(content))
        self._bytes += content
        return self

    def attributes(self, field, pairs):
        for key, value in pairs:
            any_value = Message().varint(3, value) if isinstance(value, int) else Message().add(1, value)
            self.add(field, Message().add(1, key).add(2, any_value))
        return self


def _resource(draw, service):
    return Message().attributes(1, [
        ("service.name", service),
        ("service.namespace", "transfer"),
        ("service.version", f"3.{draw.randrange(12)}.{draw.randrange(30)}"),
        ("service.instance.id", f"{service}-{draw.randbytes(5).hex()}"),
        ("host.name", f"pay-{draw.randrange(96):03d}.zone-{draw.choice('abc')}.bank.example"),
        ("deployment.environment.name", "production"),
        ("telemetry.sdk.language", "dotnet"),
        ("telemetry.sdk.name", "opentelemetry"),
        ("telemetry.sdk.version", "1.20.1"),
    ])


def _event(at_ns, name, pairs):
    return Message().fixed(1, at_ns, 8).add(2, name).attributes(3, pairs)


def _span(draw, node, trace_id, span_id, parent_id, now_ns):
    _service, node_type, operation = node
    failed = draw.random() < FAILED_SHARE
    duration_ns = int(min(590e6, 1e6 * draw.lognormvariate(3.1, 1.0)))
    start_ns = now_ns - draw.randrange(1_000_000_000) - duration_ns
    day = time.strftime("%Y%m%d", time.gmtime(now_ns // 1_000_000_000))
    pairs = [
        ("node_type", node_type),
        ("ts_ms", start_ns // 1_000_000),
        ("status", "reject" if failed else "success"),
        ("tenant.id", f"bank-{draw.randrange(1, 60):02d}"),
        ("biz.customer_id", draw.randbytes(32).hex()),
        ("biz.order_no", f"TRD{day}{draw.randrange(10**12):012d}"),
        ("payment_channel", draw.choice(CHANNELS)),
        ("amount", int(draw.lognormvariate(9, 1.4))),
        ("currency", "CNY"),
        ("network.protocol.version", "2"),
        ("server.address", "transfers.bank.example"),
        ("thread.id", draw.randrange(1, 64)),
    ]
    if failed:
        pairs.append(("code", "ERR_INSUFFICIENT_BALANCE"))
    span = Message().add(1, trace_id).add(2, span_id)
    if parent_id:
        span.add(4, parent_id)
    span.add(5, operation).varint(6, 3 if parent_id and draw.random() < 0.4 else 2)
    span.fixed(7, start_ns, 8).fixed(8, start_ns + duration_ns, 8).attributes(9, pairs)
    if failed:
        span.add(11, _event(start_ns + duration_ns, "exception", [
            ("exception.type", "Ledger.InsufficientBalanceException"),
            ("exception.message", "available balance is below the requested amount")]))
        span.add(15, Message().add(2, "ERR_INSUFFICIENT_BALANCE").varint(3, 2))
    elif draw.random() < 0.12:
        span.add(11, _event(start_ns + duration_ns // 2, "retry", [("attempt", draw.randrange(1, 4))]))
    return span.fixed(16, 0x101, 4)  # sampled, and known whether the parent is remote


def request(draw, count, now_ns):
    """An ExportTraceServiceRequest of so many spans."""
    export = Message()
    while count > 0:
        here = min(count, SPANS_PER_RESOURCE_MAX)
        count -= here
        node = draw.choice(NODES)
        scope = Message().add(1, Message().add(1, "Transfer.Tracing").add(2, "1.0.0"))
        while here > 0:
            trace_id, earlier = draw.randbytes(16), []
            for _ in range(min(here, draw.randint(1, SPANS_PER_TRACE_MAX))):
                span_id = draw.randbytes(8)
                scope.add(2, _span(draw, node, trace_id, span_id, draw.choice(earlier) if earlier else None, now_ns))
                earlier.append(span_id)
                here -= 1
        export.add(1, Message().add(1, _resource(draw, node[0])).add(2, scope))
    return bytes(export)


def _file(folder, spans, variant, form):
    return pathlib.Path(folder) / f"{spans}-spans-{variant}.{form}"


def write(folder, sizes, seed=1):
    """Writes what is missing. Returns the mean size of a span in bytes, by spans a request."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    now_ns = time.time_ns()
    means = {}
    for spans in sizes:
        for variant in range(VARIANTS):
            plain = _file(folder, spans, variant, "http-none")
            if not plain.exists():
                body = request(random.Random(f"{seed} {spans} {variant}"), spans, now_ns)
                packed = gzip.compress(body, 6, mtime=0)
                _file(folder, spans, variant, "http-gzip").write_bytes(packed)
                _file(folder, spans, variant, "grpc-none").write_bytes(struct.pack(">BI", 0, len(body)) + body)
                _file(folder, spans, variant, "grpc-gzip").write_bytes(struct.pack(">BI", 1, len(packed)) + packed)
                plain.write_bytes(body)
            means[spans] = plain.stat().st_size / spans
    return means


def files(folder, spans, form):
    """The variants of one size."""
    return [_file(folder, spans, variant, form) for variant in range(VARIANTS)]


def span_count(path):
    return int(pathlib.Path(path).name.split("-", 1)[0])
