"""What processes and the machine have used, from /proc."""
import os
import re
import time

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
IDLE_CPU = 0.04  # of one CPU: what a collector may use and still count as idle
IDLE_CHECKS = 3
CHECK_S = 0.25


def _read(path):
    with open(path) as file:
        return file.read()


def cpu_s(pid):
    """User and system time of a process so far."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / TICKS_PER_S


def busy_s():
    """Time that all CPUs together have worked, stolen time included."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, _read("/proc/stat").split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_S


def _status_mib(pid, field):
    return int(re.search(rf"^{field}:\s+(\d+) kB", _read(f"/proc/{pid}/status"), re.MULTILINE)[1]) / 1024


def rss_mib(pid):
    return _status_mib(pid, "VmRSS")


def peak_rss_mib(pid):
    return _status_mib(pid, "VmHWM")


def reset_peak_rss(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")


def _wait(used, allowed, checks, limit_s):
    """Until a clock of used CPU time has advanced by no more than allowed, some checks in a row."""
    begin, in_a_row, before = time.monotonic(), 0, used()
    while in_a_row < checks and time.monotonic() - begin < limit_s:
        time.sleep(CHECK_S)
        now = used()
        in_a_row = in_a_row + 1 if now - before <= allowed * CHECK_S else 0
        before = now


def wait_until_idle(pid, limit_s=20):
    """Until a collector has emptied its queues and does nothing more."""
    _wait(lambda: cpu_s(pid), IDLE_CPU, IDLE_CHECKS, limit_s)


def wait_until_quiet(others_cpu, limit_s):
    """Until the machine has little else to do than what is measured."""
    _wait(busy_s, others_cpu, 4, limit_s)


def describe():
    """The machine in one line."""
    model = re.search(r"^model name\s*: (.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    memory = int(re.search(r"MemTotal:\s+(\d+)", _read("/proc/meminfo"))[1]) / 1024 / 1024
    return f"{os.cpu_count()} x {model[1] if model else os.uname().machine}, {memory:.0f} GiB, Linux {os.uname().release}"
