"""Reads TelemetryPipeline's Redis Streams with nothing but Python's standard library.

follow KEY GROUP CONSUMER [COUNT]   a member of a consumer group, for entries with encoding otlp_json
find KEY [FIELD=VALUE ...]          flat entries with these fields, one line each
count FIELD KEY [FIELD=VALUE ...]   how many entries have each value of a field
quantile Q FIELD KEY [FIELD=VALUE ...]   a quantile of the buckets of heat map frames, for each value of a field

--host, --port and --since SECONDS come first. The server's address is 127.0.0.1:6379 unless told.
"""
import collections
import json
import math
import socket
import sys
import time


class Redis:
    """Speaks RESP, the protocol of Redis, as far as it is needed here."""

    def __init__(self, host, port):
        self.stream = socket.create_connection((host, port)).makefile("rwb")

    def __call__(self, *words):
        parts = [str(word).encode() for word in words]
        self.stream.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        self.stream.flush()
        return self.answer()

    def answer(self):
        line = self.stream.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.stream.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return None if rest == b"-1" else [self.answer() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest.decode()


def fields_of(entry):
    return dict(zip(entry[1][::2], entry[1][1::2]))


def follow(redis, key, group, consumer, count):
    """Prints every span once, and acknowledges an entry when its spans are printed."""
    try:
        redis("XGROUP", "CREATE", key, group, "0", "MKSTREAM")
    except RuntimeError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise
    seen = collections.OrderedDict()
    while count > 0:
        streams = redis("XREADGROUP", "GROUP", group, consumer, "COUNT", 100, "BLOCK", 1000, "STREAMS", key, ">") or []
        for entry in (entry for _, entries in streams for entry in entries):
            fields = fields_of(entry)
            if fields["id"] not in seen:  # else it was written a second time
                seen[fields["id"]] = True
                if len(seen) > 10000:
                    seen.popitem(last=False)
                count -= print_spans(json.loads(fields["data"]))
            redis("XACK", key, group, entry[0])


def print_spans(request):
    spans = [s for r in request["resourceSpans"] for scope in r["scopeSpans"] for s in scope["spans"]]
    for span in spans:
        print(span["traceId"], span["spanId"], span["name"])
    return len(spans)


def find(redis, key, wanted, since):
    """Flat entries with the wanted fields, each id once, page by page."""
    start = int((time.time() - since) * 1000) if since else "-"
    seen = set()
    while page := redis("XRANGE", key, start, "+", "COUNT", 1000):
        for entry in page:
            fields = fields_of(entry)
            if all(fields.get(name) == value for name, value in wanted.items()) and fields["id"] not in seen:
                seen.add(fields["id"])
                yield fields
        start = "(" + page[-1][0]


def quantile(frames, q):
    """The upper bound of the bucket in which the quantile lies."""
    buckets = collections.Counter()
    for frame in frames:
        for bucket in frame["buckets"].split():
            bound, number = bucket.split(":")
            buckets[math.inf if bound == "+Inf" else float(bound)] += int(number)
    rank, total = q * sum(buckets.values()), 0
    for bound in sorted(buckets):
        total += buckets[bound]
        if total >= rank:
            return ">= 590 ms" if bound == math.inf else f"<= {bound:g} ms"
    return "no data"


def by_value(entries, field):
    groups = collections.defaultdict(list)
    for entry in entries:
        groups[entry.get(field, "")].append(entry)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def main(words):
    options = {"--host": "127.0.0.1", "--port": "6379", "--since": "0"}
    while words and words[0] in options:
        options[words[0]] = words[1]
        words = words[2:]
    redis = Redis(options["--host"], int(options["--port"]))

    def search(rest):
        return find(redis, rest[0], dict(word.split("=", 1) for word in rest[1:]), float(options["--since"]))

    match words:
        case ["follow", key, group, consumer, *count]:
            follow(redis, key, group, consumer, int(count[0]) if count else math.inf)
        case ["find", *rest]:
            for entry in search(rest):
                del entry["v"], entry["id"]
                print(" ".join(f"{name}={value!r}" if " " in value else f"{name}={value}" for name, value in entry.items()))
        case ["count", field, *rest]:
            for value, entries in by_value(search(rest), field):
                print(f"{len(entries):6} {value}")
        case ["quantile", q, field, *rest]:
            for value, entries in by_value(search(rest), field):
                print(f"{value:24} {quantile(entries, float(q))}")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
