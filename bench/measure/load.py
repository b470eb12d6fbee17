"""Load by h2load, and what became of it."""
import dataclasses
import re
import resource
import subprocess
import tempfile
import time

from . import host, payloads

GRPC_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
UNIT_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclasses.dataclass(frozen=True)
class Shape:
    """How requests are sent."""

    protocol: str  # grpc or http (HTTP/1.1)
    compression: str  # none or gzip
    connections: int
    streams: int  # requests under way a connection
    cpu: str  # that h2load runs on

    @property
    def form(self):
        return f"{self.protocol}-{self.compression}"

    def url(self, port):
        return f"http://127.0.0.1:{port}{GRPC_METHOD if self.protocol == 'grpc' else '/v1/traces'}"

    def headers(self):
        if self.protocol == "grpc":
            found = ["content-type: application/grpc", "te: trailers"]
            if self.compression == "gzip":
                found.append("grpc-encoding: gzip")
        else:
            found = ["content-type: application/x-protobuf"]
            if self.compression == "gzip":
                found.append("content-encoding: gzip")
        return [word for header in found for word in ("-H", header)]


def probe(shape, port, payload):
    """Sends one request. Returns the bytes of the answer's data, or None when it was not accepted."""
    if shape.protocol == "grpc":
        command = ["nghttp", "-v", "--timeout=5", f"--data={payload}", *shape.headers(), shape.url(port)]
        output = subprocess.run(command, capture_output=True, timeout=15).stdout.decode(errors="replace")
        if not re.search(r"grpc-status: 0\b", output):
            return None
        return sum(int(n) for n in re.findall(r"recv DATA frame <length=(\d+)", output))
    command = ["curl", "-sS", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code} %{size_download}",
               "--data-binary", f"@{payload}", *shape.headers(), shape.url(port)]
    words = subprocess.run(command, capture_output=True, timeout=15, text=True).stdout.split()
    return int(words[1]) if words[:1] == ["200"] else None


def _number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(f"h2load gave no result:\n{text[-2000:]}")
    return found


def run(shape, port, files, seconds=None, requests=None, rate=None):
    """One h2load a payload file, all at once; their results together."""
    share = len(files)
    connections = max(1, shape.connections // share)
    streams = shape.streams if shape.protocol == "grpc" else 1  # exporters do not pipeline
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for index, file in enumerate(files):
            command = ["taskset", "-c", shape.cpu, "h2load", "-c", str(connections), "-m", str(streams),
                       "-d", str(file), "--log-file", f"{folder}/{index}", *shape.headers()]
            command += ["--h1"] if shape.protocol == "http" else []
            command += ["-D", str(seconds)] if seconds else ["-n", str(max(connections, requests // share))]
            command += ["--rps", f"{rate / (connections * share):g}"] if rate else []
            running.append(subprocess.Popen([*command, shape.url(port)], stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT, text=True))
        total = dict.fromkeys(("requests", "failed", "answer_bytes", "sent_bytes", "spans"), 0)
        took_s, latencies_us = 0.0, []
        for index, (file, process) in enumerate(zip(files, running)):
            text = process.communicate(timeout=600)[0]
            good, *bad = map(int, _number(r"(\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text).groups())
            total["requests"] += good
            total["failed"] += sum(bad) + int(_number(r"(\d+) failed", text)[1])
            total["answer_bytes"] += int(_number(r"\((\d+)\) data", text)[1])
            total["sent_bytes"] += good * file.stat().st_size
            total["spans"] += good * payloads.span_count(file)
            value, unit = _number(r"finished in ([\d.]+)(us|ms|s)\b", text).groups()
            took_s = max(took_s, float(value) * UNIT_S[unit])
            with open(f"{folder}/{index}") as log:
                latencies_us += [int(line.rpartition("\t")[2]) for line in log]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    latencies_us.sort()
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def quantile_ms(q):
        return latencies_us[min(len(latencies_us) - 1, int(q * len(latencies_us)))] / 1000 if latencies_us else None

    return {**total, "seconds": took_s, "load_cpu": used_s / took_s,
            "p50_ms": quantile_ms(0.5), "p90_ms": quantile_ms(0.9), "p95_ms": quantile_ms(0.95), "p99_ms": quantile_ms(0.99),
            "p999_ms": quantile_ms(0.999), "max_ms": quantile_ms(1)}


def measure(shape, program, files, seconds, warmup_s, rate=None, sink=None):
    """One load that is measured: a number of requests, so that it ends with the last answer, and what they cost.

    The warm-up tells how many requests fill the time. CPU is counted until the collector is idle again.
    """
    answer = probe(shape, program.port, files[0])
    if answer is None:
        raise RuntimeError(f"{program.name} on port {program.port} does not accept {files[0]}; see {program.log_path}")
    warm = run(shape, program.port, files, seconds=warmup_s, rate=rate)
    requests = max(len(files), int(warm["requests"] / warm["seconds"] * seconds))
    host.wait_until_idle(program.pid)
    host.reset_peak_rss(program.pid)
    delivered = sink.spans() if sink else 0
    sink_cpu_s = host.cpu_s(sink.pid) if sink else 0
    cpu_s, busy_s = host.cpu_s(program.pid), host.busy_s()
    result = run(shape, program.port, files, requests=requests, rate=rate)
    others_s = host.busy_s() - busy_s - (host.cpu_s(program.pid) - cpu_s)
    others_s -= host.cpu_s(sink.pid) - sink_cpu_s if sink else 0
    result["others_cpu"] = max(0.0, others_s / result["seconds"] - result["load_cpu"])
    time.sleep(0.3)
    host.wait_until_idle(program.pid)
    result["cpu_s"] = host.cpu_s(program.pid) - cpu_s
    result["peak_rss_mib"] = host.peak_rss_mib(program.pid)
    # h2load takes a gRPC refusal for a success: status 200, but no data in the answer.
    result["refused"] = max(0, result["requests"] - result["answer_bytes"] // answer) if answer else result["failed"]
    accepted = 1 - result["refused"] / max(1, result["requests"])
    result["spans"] = round(result["spans"] * accepted)
    result["spans_per_s"] = result["spans"] / result["seconds"]
    result["requests_per_s"] = result["requests"] * accepted / result["seconds"]
    result["spans_per_cpu_s"] = result["spans"] / max(result["cpu_s"], 1 / host.TICKS_PER_S)
    if sink:
        result["lost"] = result["spans"] - (sink.spans() - delivered)
    return result
