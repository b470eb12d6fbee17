"""The programs under test, and how they are found, started and stopped."""
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from . import load

BENCH = pathlib.Path(__file__).resolve().parent.parent
START_LIMIT_S = 30
STOP_LIMIT_S = 20
BENCH_SALT = "a salt that only measurements use"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _print_of(command):
    """The last line a build script prints."""
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(f"{shlex.join(map(str, command))} failed")
    return result.stdout.strip().splitlines()[-1]


def peer_folder():
    return pathlib.Path(_print_of([BENCH / "otelcol" / "build"]))


def our_program():
    return _print_of([BENCH / "publish"])


class Program:
    """A process pinned to CPUs, ended with the block it is used in."""

    def __init__(self, name, command, cpu, log_path, environment=None):
        self.name, self.log_path = name, log_path
        self._log = open(log_path, "ab")
        self.begin_s = time.monotonic()
        self._process = subprocess.Popen(
            ["taskset", "-c", cpu, *command], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            env={**os.environ, **(environment or {})})
        self.pid = self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def check_alive(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with code {self._process.returncode}; see {self.log_path}")

    def stop(self):
        """Returns the seconds it took."""
        begin = time.monotonic()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()
        return time.monotonic() - begin


class Collector(Program):
    """A collector with a scenario's configuration, timed from its start to the first request it accepts."""

    def __init__(self, name, command, config, shape, payload, cpu, log_path, sink=None):
        self.port = free_port()
        self.heatmap_port = free_port()
        environment = {"OTLP_PORT": str(self.port), "HEATMAP_PORT": str(self.heatmap_port), "BENCH_SALT": BENCH_SALT}
        if sink:
            environment["SINK_PORT"] = str(sink.port)
        super().__init__(name, [*command, "--config", str(config)], cpu, log_path, environment)
        self.listen_ms = self.ready_ms = None
        try:
            self._wait(shape, payload)
        except BaseException:
            self.stop()
            raise

    def _elapsed_ms(self):
        return (time.monotonic() - self.begin_s) * 1000

    def _wait(self, shape, payload):
        while self.ready_ms is None:
            self.check_alive()
            if self._elapsed_ms() > START_LIMIT_S * 1000:
                raise RuntimeError(f"{self.name} does not accept requests; see {self.log_path}")
            if self.listen_ms is None:
                try:
                    socket.create_connection(("127.0.0.1", self.port), 1).close()
                    self.listen_ms = self._elapsed_ms()
                except OSError:
                    time.sleep(0.001)
            elif load.probe(shape, self.port, payload) is not None:
                self.ready_ms = self._elapsed_ms()
            else:
                time.sleep(0.01)


class DefaultCollector(Program):
    """A collector with the repository's default configuration, and ports and a data folder of its own."""

    def __init__(self, command, folder, cpu, log_path, overlays=()):
        self.ports = {name: free_port() for name in ("http", "grpc", "heatmap", "attribution", "prometheus", "health", "zpages", "metrics")}
        self.data = folder / "data"
        environment = {f"{name.upper()}_ENDPOINT": f"localhost:{port}" for name, port in self.ports.items()}
        environment |= {"OTLP_HTTP_ENDPOINT": f"localhost:{self.ports['http']}", "OTLP_GRPC_ENDPOINT": f"localhost:{self.ports['grpc']}",
                        "METRICS_PORT": str(self.ports["metrics"]), "DATA_DIR": str(self.data),
                        "UNUSED_PORT": str(free_port())}
        configs = [word for file in (BENCH.parent / "otel-config.yaml", *overlays) for word in ("--config", str(file))]
        super().__init__("ours", [*command, *configs], cpu, log_path, environment)

    def wait_listening(self):
        for port in (self.ports["http"], self.ports["grpc"], self.ports["health"]):
            while True:
                self.check_alive()
                if time.monotonic() - self.begin_s > START_LIMIT_S:
                    raise RuntimeError(f"{self.name} does not listen; see {self.log_path}")
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)


class Sink(Program):
    """otlp-sink: takes what a collector forwards, and counts it."""

    def __init__(self, folder, cpu, log_path):
        self.port, self._http_port = free_port(), free_port()
        addresses = [f"127.0.0.1:{self.port}", f"127.0.0.1:{self._http_port}"]
        super().__init__("otlp-sink", [str(folder / "otlp-sink"), *addresses], cpu, log_path)
        for _ in range(100):
            try:
                self.spans()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"otlp-sink does not answer; see {log_path}")

    def spans(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self._http_port}/", timeout=5) as answer:
            return json.load(answer)["spans"]
