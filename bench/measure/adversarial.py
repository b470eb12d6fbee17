"""Export requests whose cost is far from their length, made to grow to a number of bytes.

Small forms of the same shapes are unit tests: tests/TelemetryPipeline.Tests/Otlp/AdversarialRequests.cs.
"""
import gzip
import json
import struct
import time

TRACES, METRICS, LOGS = "traces", "metrics", "logs"
PHONE = "13812345678"


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def fixed(number, value):
    return varint(number << 3 | 1) + struct.pack("<Q", value)


def attribute(key, value):
    return field(1, key) + field(2, field(1, value))


def scope(content):
    return field(1, field(2, content))


def _nested(depth, value):
    for _ in range(depth):
        value = field(5, field(1, value))
    return value


def _nested_map(depth, value):
    for _ in range(depth):
        value = field(6, field(1, field(1, "k") + field(2, value)))
    return value


def _ids(number):
    return field(1, struct.pack(">QQ", 1, number + 1)) + field(2, struct.pack(">Q", number + 1))


def _span(number, extra=b""):
    now = time.time_ns()
    return _ids(number) + b"\x30\x02" + fixed(7, now - 20_000_000) + fixed(8, now) + extra


def _until(size, make):
    parts, length, number = [], 0, 0
    while length < size:
        part = make(number)
        parts.append(part)
        length += len(part)
        number += 1
    return b"".join(parts)


def _repeat(size, part):
    return part * max(1, size // len(part))


ERROR = field(15, b"\x18\x02")

# name, signal, content of so many bytes
SHAPES = [
    ("empty spans", TRACES, lambda n: scope(_repeat(n, field(2, b"")))),
    ("empty log records", LOGS, lambda n: scope(_repeat(n, field(2, b"")))),
    ("empty data points", METRICS, lambda n: scope(field(2, field(5, _repeat(n, field(1, b"")))))),
    ("empty metrics", METRICS, lambda n: scope(field(2, field(5, field(1, b""))) + _repeat(n, field(2, b"")))),
    ("empty resources", TRACES, lambda n: scope(field(2, b"")) + _repeat(n, field(1, b""))),
    ("empty scopes", TRACES, lambda n: field(1, field(2, field(2, b"")) + _repeat(n, field(2, b"")))),
    ("resources with a span each", TRACES, lambda n: _repeat(n, scope(field(2, b"")))),
    ("smallest ordinary spans", TRACES, lambda n: scope(_until(n, lambda i: field(2, _span(i))))),
    ("spans with a service each", TRACES, lambda n: _until(n, lambda i: field(
        1, field(1, field(1, attribute("service.name", f"s{i}"))) + field(2, field(2, _span(i)))))),
    ("failed spans with a trace each", TRACES, lambda n: scope(_until(n, lambda i: field(2, _span(i, ERROR))))),
    ("attributes of one span", TRACES, lambda n: scope(field(2, _repeat(n, field(9, attribute("k", "v")))))),
    ("personal data in attributes of one span", TRACES, lambda n: scope(
        field(2, _until(n, lambda i: field(9, attribute(f"k{i}", PHONE)))))),
    ("personal data in one attribute", TRACES, lambda n: scope(field(2, field(9, attribute("k", (PHONE + " ") * (n // 12)))))),
    ("personal data in log bodies", LOGS, lambda n: scope(_repeat(n, field(2, field(5, field(1, PHONE)))))),
    ("one key again and again", TRACES, lambda n: scope(field(2, _repeat(n, field(9, attribute("biz.customer_id", PHONE)))))),
    ("empty events of one span", TRACES, lambda n: scope(field(2, _repeat(n, field(11, b""))))),
    ("empty links of one span", TRACES, lambda n: scope(field(2, _repeat(n, field(13, b""))))),
    ("lists nested 40 deep", TRACES, lambda n: scope(
        field(2, _repeat(n, field(9, field(1, "k") + field(2, _nested(40, field(1, PHONE)))))))),
    ("one long text nested 40 deep", LOGS, lambda n: scope(field(2, field(5, _nested(40, field(1, (PHONE + " ") * (n // 12))))))),
    ("maps nested 25 deep", LOGS, lambda n: scope(_repeat(n, field(2, field(5, _nested_map(25, field(1, "v"))))))),
    ("one huge name", TRACES, lambda n: scope(field(2, field(5, "x" * n)))),
    ("control characters", LOGS, lambda n: scope(field(2, field(5, field(1, "\x01" * n))))),
    ("bucket counts of zero", METRICS, lambda n: scope(field(2, field(10, field(1, field(8, field(2, b"\0" * n))))))),
    ("repeated scalar fields", LOGS, lambda n: scope(field(2, _repeat(n, b"\x10\x01")))),
]


def _json(name, n):
    if name == "JSON: empty spans":
        spans = "{}," * (n // 3) + "{}"
        return f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}'
    if name == "JSON: numbers to doubles":
        bounds = "1," * (n // 2) + "1"
        return ('{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"explicitBounds":['
                f"{bounds}]}}]}}}}]}}]}}]}}")
    if name == "JSON: escapes":
        return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "@@"}}]}]}]}).replace(
            "@@", "\\u0001" * (n // 6))
    values = '{"arrayValue":{"values":[' * 20 + '{"stringValue":"v"}' + "]}}" * 20
    records = ",".join([f'{{"body":{values}}}'] * max(1, n // len(values)))
    return f'{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}'


JSON_SHAPES = [("JSON: empty spans", TRACES), ("JSON: numbers to doubles", METRICS), ("JSON: escapes", LOGS), ("JSON: nested lists", LOGS)]


def _zstd_bomb(size):
    """A frame of run-length blocks: 128 KiB in four bytes each."""
    block = 1 << 17
    count = size // block
    frame = struct.pack("<I", 0xFD2FB528) + b"\x00" + bytes([7 << 3])
    for i in range(count):
        frame += struct.pack("<I", (1 if i == count - 1 else 0) | 1 << 1 | block << 3)[:3] + b"\x0a"
    return frame


def _snappy_bomb(size):
    """A literal byte, and copies of 64 bytes one byte back in three bytes each."""
    return varint(size) + b"\x00\x0a" + b"\xfe\x01\x00" * ((size - 1) // 64)


BOMBS = [
    ("gzip of 1 GiB", "gzip", lambda: gzip.compress(bytes(1 << 30), 6)),
    ("zstd of 1 GiB", "zstd", lambda: _zstd_bomb(1 << 30)),
    ("snappy that says 4 GiB", "snappy", lambda: _snappy_bomb((1 << 32) - 1)[:1 << 16]),
]


def cases(sizes):
    """Name, signal, content type, content encoding, bytes sent, bytes after decompression."""
    for name, signal, make in SHAPES:
        for size in sizes:
            body = make(size)
            yield name, signal, "application/x-protobuf", "gzip", gzip.compress(body, 6, mtime=0), len(body)
    for name, signal in JSON_SHAPES:
        for size in sizes:
            body = _json(name, size).encode()
            yield name, signal, "application/json", "gzip", gzip.compress(body, 6, mtime=0), len(body)
    for name, encoding, make in BOMBS:
        yield name, TRACES, "application/x-protobuf", encoding, make(), 0
