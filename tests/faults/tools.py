# SPDX-License-Identifier: GPL-2.0-or-later
"""tools - skbtrail and stock trace-cmd behind one interface: record, clean up, save, read"""

import contextlib
import glob
import json
import os
import re
import signal
import subprocess
import time

TIMEOUT_S = 120
# What a datagram's length grows by: UDP and IPv4 headers, and for a device Ethernet's.
PACKET_BYTES, FRAME_BYTES = 28, 42


def run(argv, **options):
    """A command to its end -> CompletedProcess, never longer than TIMEOUT_S."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True,
               "errors": "replace", "timeout": TIMEOUT_S, **options}
    return subprocess.run(argv, check=False, **options)


def trace_cmd_numbers(path):
    """(numbers of the datagrams in the capture, what is wrong with it), as trace-cmd says."""
    try:
        result = run(["trace-cmd", "report", "-N", "-F", "net_dev_queue", path])
    except subprocess.TimeoutExpired:
        return set(), "trace-cmd report hangs"
    if result.returncode:
        return set(), f"trace-cmd report: {result.returncode}: {result.stderr.strip()[-200:]}"
    lengths = re.findall(r"net_dev_queue: +dev=lo .*len=([0-9]+)", result.stdout)
    return {int(length) - FRAME_BYTES for length in lengths}, ""


class Skbtrail:
    name = "skbtrail"
    # Of an output: what may be there beside it while recording, and after kill -9.
    parts = ("{0}.part",)
    # With probes the preset needs no event that says a length in the words of trace-cmd.
    events = ("--preset", "net", "-e", "net:net_dev_queue")

    def __init__(self, build):
        self.exe = os.path.join(build, "cmd", "skbtrail")

    def record(self, output, options, command):
        return [self.exe, "record", "-o", output, *self.events, *options,
                *(["--", *command] if command else [])]

    def own_dirs(self):
        """Where it keeps notes of its own."""
        return ["/run/skbtrail"]

    def reset(self):
        """What a user does after a crash -> what went wrong with it."""
        result = run([self.exe, "reset"])
        return "" if result.returncode == 0 else \
            f"reset: {result.returncode}: {result.stderr.strip()[-300:]}"

    def recover(self, output):
        result = run([self.exe, "recover", output])
        return "" if result.returncode == 0 else \
            f"recover: {result.returncode}: {result.stderr.strip()[-300:]}"

    def numbers(self, path):
        try:
            result = run([self.exe, "report", "--format=ndjson", path])
        except subprocess.TimeoutExpired:
            return set(), "report hangs"
        if result.returncode:
            return set(), f"report: {result.returncode}: {result.stderr.strip()[-300:]}"
        packets = map(json.loads, result.stdout.splitlines())
        return {packet["len"] - PACKET_BYTES for packet in packets
                if packet["type"] == "packet" and packet["dev"] == "lo"}, ""


class TraceCmd:
    """Stock.  The events are those of the subsystems that the preset net consists of."""
    name = "trace-cmd"
    parts = ("{0}.cpu*",)
    systems = ("net", "skb", "napi", "irq", "sock", "tcp", "udp", "qdisc")

    def __init__(self, build):
        del build

    def record(self, output, options, command):
        events = [word for system in self.systems
                  if os.path.isdir(f"/sys/kernel/tracing/events/{system}")
                  for word in ("-e", system)]
        if "--for" in options:
            at = options.index("--for")
            command = ["sleep", options[at + 1].rstrip("s")]
            options = options[:at] + options[at + 2:]
        return ["trace-cmd", "record", "-C", "mono", "-o", output, *events, *options, *command]

    def own_dirs(self):
        return []

    def reset(self):
        """Its recorders go on for ever, and keep the buffers: they have to be ended first."""
        result = run(["trace-cmd", "reset"])
        return "" if result.returncode == 0 else f"reset: {result.returncode}"

    def recover(self, output):
        """SIGUSR1 makes a recorder write what it has; the formats are those of this boot."""
        for pid in processes("trace-cmd"):
            os.kill(pid, signal.SIGUSR1)
        files = sorted(glob.glob(glob.escape(output) + ".cpu*"))
        if not files:
            return "restore: there are no files"
        time.sleep(1)
        result = run(["trace-cmd", "restore", "-o", output, *files])
        for file in files:
            os.unlink(file)
        return "" if result.returncode == 0 else \
            f"restore: {result.returncode}: {result.stderr.strip()[-200:]}"

    def numbers(self, path):
        return trace_cmd_numbers(path)


def processes(name):
    """Those of this program, the zombies aside."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        comm, rest = text[text.index("(") + 1:].rsplit(")", 1)
        if comm == name and rest.split()[0] != "Z":
            found.append(int(text.split()[0]))
    return found


def kernel_warnings():
    """What taints a kernel, as its log has it."""
    fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    records = []
    with contextlib.suppress(BlockingIOError, BrokenPipeError):
        while True:
            records.append(os.read(fd, 8192).decode(errors="replace").splitlines()[0])
    os.close(fd)
    texts = [record.partition(";")[2] for record in records]
    return [text for text in texts if re.match(r"WARNING: |BUG: |Oops", text)]


TOOLS = {"skbtrail": Skbtrail, "trace-cmd": TraceCmd}
