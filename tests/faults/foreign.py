# SPDX-License-Identifier: GPL-2.0-or-later
"""foreign - somebody else's use of tracefs, which no recorder may disturb

An instance with an event, a filter and a small buffer; a probe that is on in it; and, where the
recorder has no need of it, the top instance in use."""

import contextlib
import os
import subprocess

TRACEFS = "/sys/kernel/tracing"
INSTANCE, GROUP = "someone", "someone"


def write(path, text, flags=os.O_TRUNC):
    """tracefs has no end to seek, as open(path, "a") would."""
    fd = os.open(os.path.join(TRACEFS, path), os.O_WRONLY | os.O_CLOEXEC | flags)
    try:
        os.write(fd, text.encode() or b"\n")
    finally:
        os.close(fd)


def read(path):
    with open(os.path.join(TRACEFS, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def set_up(use_top):
    write("dynamic_events", f"p:{GROUP}/opened do_sys_openat2\n", os.O_APPEND)
    os.mkdir(f"{TRACEFS}/instances/{INSTANCE}")
    inside = f"instances/{INSTANCE}"
    write(f"{inside}/buffer_size_kb", "64")
    write(f"{inside}/events/sched/sched_process_exec/filter", "pid > 1")
    write(f"{inside}/events/sched/sched_process_exec/enable", "1")
    write(f"{inside}/events/{GROUP}/opened/enable", "1")
    # The first use of any event makes the top buffer larger, for ever.
    write("events/sched/sched_process_fork/enable", "1")
    if use_top:
        write("trace_clock", "boot")
        write("set_event_pid", "1")
        write("options/irq-info", "0")
    else:
        write("events/enable", "0")


def others():
    """Instances and probes that are not ours."""
    found = [f"instances/{name}" for name in os.listdir(f"{TRACEFS}/instances")
             if name != INSTANCE]
    return found + [line for line in read("dynamic_events").splitlines()
                    if f":{GROUP}/" not in line]


def is_tracing():
    """Is there an instance of others, or the top one of theirs, that records?"""
    names = [name for name in os.listdir(f"{TRACEFS}/instances") if name != INSTANCE]
    with contextlib.suppress(FileNotFoundError):
        return any(read(f"instances/{name}/tracing_on") == "1\n" for name in names)
    return False


def remove_instance(name):
    path = f"{TRACEFS}/instances/{name}"
    with contextlib.suppress(OSError):
        write(f"instances/{name}/events/enable", "0")
    with contextlib.suppress(OSError):
        os.rmdir(path)


def remove_all():
    """Of everybody: what there is in a kernel that has just been booted, as far as this uses it."""
    for name in os.listdir(f"{TRACEFS}/instances"):
        remove_instance(name)
    for path, text in (("current_tracer", "nop"), ("events/enable", "0"), ("set_event_pid", ""),
                       ("set_ftrace_filter", ""), ("set_ftrace_notrace", ""),
                       ("set_graph_function", ""), ("trace_clock", "local"),
                       ("options/irq-info", "1"), ("tracing_on", "1")):
        with contextlib.suppress(OSError):
            write(path, text)
    for line in read("dynamic_events").splitlines():
        name = line.split()[0].partition(":")[2]
        with contextlib.suppress(OSError):
            write("dynamic_events", f"-:{name}\n", os.O_APPEND)
    subprocess.run(["sysctl", "-qw", "kernel.kptr_restrict=0", "kernel.ftrace_enabled=1"],
                   check=False, stderr=subprocess.DEVNULL)
