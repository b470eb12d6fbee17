"""Options that all measuring scripts have, and what they stand for."""
import argparse
import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

from . import host, load, payloads, programs

SCENARIOS = programs.BENCH / "scenarios"
OURS, PEER = "ours", "go"


def parser(doc, rounds):
    found = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--rounds", type=int, default=rounds, help=f"default {rounds}")
    found.add_argument("--sizes", default="1,100,1000", help="spans a request; default 1,100,1000")
    found.add_argument("--seconds", type=float, default=4, help="a measured load takes about so long; default 4")
    found.add_argument("--warmup", type=int, default=2, help="seconds of load before a measured one; default 2")
    found.add_argument("--only", choices=[OURS, PEER], help="measure one of the two")
    found.add_argument("--ours", help="our program; default: what bench/publish prints")
    found.add_argument("--peer", help="the Go Collector; default: what bench/otelcol/build makes")
    found.add_argument("--collector-cpu", default="0", help="CPUs of the collector; default 0")
    found.add_argument("--load-cpu", default="1", help="CPUs of load and sink; default 1")
    found.add_argument("--others", type=float, default=0.15,
                       help="CPUs that anything else may use before a load is repeated (twice at most); default 0.15")
    found.add_argument("--patience", type=float, default=30, help="seconds to wait for a quiet machine; default 30")
    found.add_argument("--out", help="Markdown file; default: bench/results/SCRIPT.md")
    return found


class Bench:
    """One invocation: sides, payloads, logs and where the report goes."""

    def __init__(self, options, script):
        for tool in ("h2load", "nghttp", "curl", "taskset"):
            if not shutil.which(tool):
                sys.exit(f"{tool} is missing: apt-get install nghttp2-client curl util-linux")
        self.options = options
        self.sizes = [int(size) for size in options.sizes.split(",")]
        self.out = pathlib.Path(options.out or programs.BENCH / "results" / f"{script}.md")
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="otlp-bench-"))
        self.payload_folder = self.work / "payloads"
        self.span_bytes = payloads.write(self.payload_folder, self.sizes)
        self.peer_folder = programs.peer_folder()
        self.sides = {}
        if options.only != OURS:
            self.sides[PEER] = shlex.split(options.peer or str(self.peer_folder / "otelcol"))
        if options.only != PEER:
            self.sides[OURS] = shlex.split(options.ours or programs.our_program())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            print(f"logs are in {self.work}", file=sys.stderr)
        else:
            shutil.rmtree(self.work)

    def shape(self, scenario, **changes):
        values = {"connections": scenario["connections"], "streams": scenario["streams"], **changes}
        return load.Shape(scenario["protocol"], scenario["compression"], cpu=self.options.load_cpu, **values)

    def files(self, shape, spans):
        return payloads.files(self.payload_folder, spans, shape.form)

    def sink(self):
        return programs.Sink(self.peer_folder, self.options.load_cpu, self.work / "sink.log")

    def collector(self, side, scenario, shape, sink=None):
        first = self.files(shape, self.sizes[0])[0]
        return programs.Collector(side, self.sides[side], scenario["configs"][side], shape, first,
                                  self.options.collector_cpu, self.work / f"{scenario['name']}-{side}.log", sink)

    def measured(self, shape, collector, files, rate=None, sink=None):
        """A load, repeated when others disturbed it."""
        for _ in range(3):
            host.wait_until_quiet(self.options.others, self.options.patience)
            result = load.measure(shape, collector, files, self.options.seconds, self.options.warmup, rate, sink)
            if result["others_cpu"] <= self.options.others:
                break
        return result

    def heading(self, title):
        """What a result needs to be understood later."""
        versions = []
        for side, command in self.sides.items():
            text = subprocess.run([*command, "--version"], capture_output=True, text=True).stdout.strip()
            versions.append(f"{side}: {text.splitlines()[0] if text else command[0].rpartition('/')[2]}")
        commit = subprocess.run(["git", "-C", programs.BENCH, "rev-parse", "--short", "HEAD"],
                                capture_output=True, text=True).stdout.strip()
        spans = ", ".join(f"{size}: {mean:.0f}" for size, mean in self.span_bytes.items())
        return [f"# {title}", "",
                f"{time.strftime('%Y-%m-%d', time.gmtime())}, commit {commit or 'unknown'}. {'; '.join(versions)}.",
                f"{host.describe()}; collector on CPU {self.options.collector_cpu}, load on CPU {self.options.load_cpu};"
                f" {self.options.rounds} rounds.",
                f"Bytes a span, by spans a request: {spans}.", ""]

    def write(self, lines):
        text = "\n".join(lines).rstrip() + "\n"
        self.out.parent.mkdir(parents=True, exist_ok=True)
        self.out.write_text(text)
        print(text)
        print(f"written to {self.out}", file=sys.stderr)


def scenario(name):
    """A folder of scenarios/: its configuration and how it is loaded."""
    folder = SCENARIOS / name
    if not (folder / "scenario.json").exists():
        sys.exit(f"no scenario {name}; there are {', '.join(scenario_names())}")
    found = json.loads((folder / "scenario.json").read_text())
    # One configuration for both, unless the peer has its own: what it cannot do is left out there.
    ours = folder / "otel-config.yaml"
    peer = folder / "go-config.yaml"
    configs = {OURS: ours, PEER: peer if peer.exists() else ours}
    return {"connections": 8, "streams": 8, "sink": False, "compare": True, **found, "name": name, "configs": configs}


def scenario_names():
    return sorted(path.parent.name for path in SCENARIOS.glob("*/scenario.json"))
