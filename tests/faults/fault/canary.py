# SPDX-License-Identifier: GPL-2.0-or-later
"""no fault: what the comparison of states has to notice"""

import os
import subprocess

import foreign
import library

TOOLS = ("skbtrail", "trace-cmd")
# File, what is written, and what takes it back.
CHANGES = (
    ("tracing_on", "0", "1"),
    ("buffer_size_kb", "32", None),
    ("tracing_cpumask", "1", None),
    ("options/overwrite", "0", "1"),
    ("set_event_notrace_pid", "1", ""),
    ("events/net/net_dev_queue/enable", "1", "0"),
    ("events/net/net_dev_queue/filter", "len > 1", "0"),
    ("events/net/net_dev_xmit/trigger", "traceoff", "!traceoff"),
    (f"instances/{foreign.INSTANCE}/events/net/napi_poll/enable", "1", "0"),
    (f"instances/{foreign.INSTANCE}/trace_clock", "boot", "local"),
    ("/proc/sys/kernel/kptr_restrict", "1", None),
    ("/proc/sys/kernel/ftrace_dump_on_oops", "1", "0"),
)


def names(path):
    return path.removeprefix("/proc/sys/")


def provoke(lab, row):
    there = [change for change in CHANGES
             if os.path.exists(os.path.join(foreign.TRACEFS, change[0]))]
    old = {path: back if back is not None else foreign.read(path).strip()
           for path, _, back in there}
    with lab.trial(row) as trial:
        trial.needs_capture = False
        for path, value, _ in there:
            foreign.write(path, value)
        foreign.write("dynamic_events", "p:canary/opened vfs_open\n", os.O_APPEND)
        os.mkdir(f"{foreign.TRACEFS}/instances/canary")
        subprocess.run(["mount", "-t", "tmpfs", "canary", "/mnt"], check=True)
        noticed = "\n".join(library.difference(lab.before, lab.read_state()))
        for name in [names(path) for path, _, _ in there] + [
                "instances/canary/", "dynamic_events: p:canary/opened", "events/canary/opened/",
                "mount canary"]:
            trial.expect(f"+{name}" in noticed or f"+sysctl {name}" in noticed,
                         f"a change of {name} is not noticed")
        subprocess.run(["umount", "/mnt"], check=True)
        os.rmdir(f"{foreign.TRACEFS}/instances/canary")
        foreign.write("dynamic_events", "-:canary/opened\n", os.O_APPEND)
        for path, value in reversed(old.items()):
            foreign.write(path, value)
