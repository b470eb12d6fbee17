#!/usr/bin/env python3
"""Debian source packages of the Go Collector, taken from the mirror of this machine's apt without installing them.

    packages.py unpack PINS CACHE     download what PINS names, check the SHA256 of each, unpack to CACHE/unpacked
    packages.py resolve SUITE PINS    write PINS anew: every golang package the collector needs, as SUITE has it now
"""
import concurrent.futures
import hashlib
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

WANTED = ("golang-opentelemetry-collector-dev", "golang-1.26-go", "golang-1.26-src")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DOWNLOADS_AT_ONCE = 6
TRIES = 3
TIMEOUT_S = 120


def download(url):
    for left in reversed(range(TRIES)):
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 404 or not left:
                raise
        except OSError:
            if not left:
                raise
    raise AssertionError("unreachable")


def mirrors():
    """Archives that apt uses here; DEBIAN_MIRROR goes first."""
    if "DEBIAN_MIRROR" in os.environ:
        yield os.environ["DEBIAN_MIRROR"].rstrip("/")
    apt = pathlib.Path("/etc/apt")
    for path in [apt / "sources.list", *sorted(apt.glob("sources.list.d/*"))]:
        if path.suffix not in (".list", ".sources") or not path.exists():
            continue
        for line in path.read_text().splitlines():
            if not line.lstrip().startswith("#"):
                yield from (u.rstrip("/") for u in re.findall(r"https?://[^\s\]]+", line) if "security" not in u)


def mirror(probe):
    """The first archive that has the file."""
    seen = []
    for base in mirrors():
        if base in seen:
            continue
        seen.append(base)
        try:
            request = urllib.request.Request(f"{base}/{probe}", method="HEAD")
            with urllib.request.urlopen(request, timeout=30):
                return base
        except OSError as error:
            print(f"{base}: {error}", file=sys.stderr)
    sys.exit(f"no Debian mirror of this machine has {probe}: {', '.join(seen) or 'apt names none'}"
             " (DEBIAN_MIRROR names another one; build --resolve sid renews the pins)")


# --- unpack ---------------------------------------------------------------


def read_pins(path):
    lines = (line.split() for line in pathlib.Path(path).read_text().splitlines())
    return [(words[0], words[1]) for words in lines if words and not words[0].startswith("#")]


def obtain(base, pool_path, sha256, folder):
    target = folder / os.path.basename(pool_path)
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == sha256:
        return target
    content = download(f"{base}/{pool_path}")
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{base}/{pool_path} does not have the SHA256 that is pinned")
    partial = target.with_suffix(".partial")
    partial.write_bytes(content)
    return partial.rename(target)


def unpack(pins_path, cache):
    cache = pathlib.Path(cache)
    folder, tree = cache / "packages", cache / "unpacked"
    folder.mkdir(parents=True, exist_ok=True)
    pins = read_pins(pins_path)
    base = mirror(pins[0][0])
    with concurrent.futures.ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        packages = list(pool.map(lambda pin: obtain(base, *pin, folder), pins))
    shutil.rmtree(tree, ignore_errors=True)
    for package in packages:
        subprocess.run(["dpkg-deb", "--extract", package, tree], check=True)
    print(f"unpacked {len(packages)} packages of {base}", file=sys.stderr)


# --- resolve --------------------------------------------------------------


def signed_index(suite):
    """The packages of a suite by name; the index is the one whose checksum the archive has signed."""
    base = mirror(f"dists/{suite}/InRelease")
    release = download(f"{base}/dists/{suite}/InRelease")
    subprocess.run(["gpgv", "--quiet", "--keyring", KEYRING, "-"], input=release, check=True, capture_output=True)
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout
    name = f"main/binary-{architecture.strip()}/Packages.xz"
    checksum = re.search(rf"^ ([0-9a-f]{{64}})\s+\d+\s+{re.escape(name)}$", release.decode(), re.MULTILINE)
    packed = download(f"{base}/dists/{suite}/{name}")
    if not checksum or hashlib.sha256(packed).hexdigest() != checksum[1]:
        sys.exit(f"{name} of {suite} is not the one its release file signs")
    by_name, providers = {}, {}
    for paragraph in lzma.decompress(packed).decode().split("\n\n"):
        package = dict(re.findall(r"^(Package|Depends|Provides|Filename|SHA256): (.+)$", paragraph, re.MULTILINE))
        if not package:
            continue
        by_name[package["Package"]] = package
        for provided in package.get("Provides", "").split(","):
            providers.setdefault(provided.strip().split(" ")[0], package)
    return {**providers, **by_name}


def resolve(suite, pins_path):
    index = signed_index(suite)
    missing = [name for name in WANTED if name not in index]
    if missing:
        sys.exit(f"{suite} has no {', '.join(missing)}")
    needed, waiting = {}, list(WANTED)
    while waiting:
        package = index.get(waiting.pop())
        if package is None or package["Package"] in needed or not package["Package"].startswith("golang"):
            continue
        needed[package["Package"]] = package
        for dependency in package.get("Depends", "").split(","):
            alternatives = [re.split(r"[\s:(\[]", a.strip())[0] for a in dependency.split("|")]
            waiting.extend([a for a in alternatives if a in index][:1])
    with open(pins_path, "w") as pins:
        pins.write(f"# Debian {suite}. A package a line: path in the mirror's pool, SHA256."
                   f" Written by: build --resolve {suite}\n")
        pins.writelines(sorted(f"{p['Filename']} {p['SHA256']}\n" for p in needed.values()))
    print(f"pinned {len(needed)} packages of {suite}", file=sys.stderr)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["unpack", pins_file, cache_folder]:
            unpack(pins_file, cache_folder)
        case ["resolve", suite_name, pins_file]:
            resolve(suite_name, pins_file)
        case _:
            sys.exit(__doc__)
