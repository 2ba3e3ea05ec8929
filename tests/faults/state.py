# SPDX-License-Identifier: GPL-2.0-or-later
"""state - tracefs, sysctls and what else a recorder changes -> lines of text that can be compared

Everything readable is read, but for what SKIPPED names, each with its reason."""

import errno
import fnmatch
import os
import re
import stat

TRACEFS = "/sys/kernel/tracing"
READ_BYTES = 1 << 16
WHOLE_BYTES = 1 << 11
NO_FILE = f"({os.strerror(errno.ENOENT)})"

# Patterns of paths below tracefs (of the top or of an instance), and why they are not read.
SKIPPED_TRACEFS = {
    "trace": "the buffer",
    "trace_pipe": "the buffer; reading consumes, and blocks",
    "per_cpu/*/trace": "the buffer",
    "per_cpu/*/trace_pipe*": "the buffer; reading consumes, and blocks",
    "per_cpu/*/snapshot*": "the spare buffer",
    "snapshot": "the spare buffer",
    "per_cpu/*/stats": "counters of the buffer",
    "per_cpu/*/buffer_meta": "the buffer's own pages",
    "free_buffer": "closing it frees the buffer",
    "saved_cmdlines": "a cache of names that every switch of tasks moves",
    "saved_tgids": "a cache of numbers that every switch of tasks moves",
    "error_log": "the last eight refusals, anybody's; it can only be cleared as a whole",
    "touched_functions": "which functions were ever traced: never goes back",
    "kprobe_profile": "counters of hits",
    "uprobe_profile": "counters of hits",
    "trace_stat/*": "counters",
    "stack_trace": "moves with every deeper stack",
    "stack_max_size": "moves with every deeper stack",
    "events/*/*/hist*": "counters; that there is a histogram is in trigger",
    "events/*/*/format": "constant as long as the event is there",
    "events/*/*/id": "constant as long as the event is there",
    "events/*/*/inject": "write only",
    "available_events": "the folders of events/",
    "available_filter_functions*": "constant but for modules; 50,000 lines",
    "dyn_ftrace_total_info": "constant but for modules",
    "printk_formats": "constant but for modules",
    "eval_map": "constant but for modules",
    "README": "constant",
    "user_events_*": "of those that have them open",
}

EVENT_FOLDER = re.compile("events/[^/]+/[^/]+$").match
# What they hold as long as nobody has written to them.
EVENT_AS_EVER = re.compile("(0|none|# Available triggers:\n.*)\n$").match

# As above, below /proc/sys.
SYSCTL_FOLDERS = ("kernel", "debug")
SKIPPED_SYSCTL = {
    "kernel/random/*": "random",
    "kernel/ns_last_pid": "the last process number",
    "kernel/tainted": "that the kernel warned cannot be taken back; run says what it said",
    "kernel/pty/nr": "terminals in use",
    "kernel/perf_event_max_sample_rate": "the kernel lowers it when interrupts are slow",
    "kernel/hung_task_*": "the watchdog counts its own findings",
}

# Files whose lines have no order of their own.
SORTED = ("enabled_functions", "dynamic_events", "kprobe_events", "list")


def matcher(patterns):
    """Of all at once: on an emulated CPU one by one takes seconds."""
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns)).match


def read(path):
    """The text, or which error reading gives: that is state as well."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return f"({error.strerror})"
    try:
        text = chunk = os.read(fd, READ_BYTES)
        # The kernel fills half a page at least, if there is more.
        while len(chunk) > WHOLE_BYTES:
            chunk = os.read(fd, READ_BYTES)
            text += chunk
        return text.decode(errors="replace")
    except OSError as error:
        return f"({error.strerror})"
    finally:
        os.close(fd)


def lines_of(name, text):
    lines = text.splitlines() or [""]
    if name.rpartition("/")[2] in SORTED:
        lines.sort()
    return [f"{name}: {line}" for line in lines]


def event(path, name, files, out):
    for file in files:
        text = read(f"{path}/{file}")
        if text == NO_FILE:
            continue
        # Three files of each of 2000 events: what is as ever is left out.
        if not EVENT_AS_EVER(text):
            out += lines_of(f"{name}/{file}", text)


def folder(path, relative, is_skipped, prefix, out):
    """All files of @path, which is @relative to its root; instances are roots of their own."""
    files = ("enable", "filter", "trigger")
    # A subsystem's is that of all its events.
    if read(f"{path}/enable") == "0\n":
        files = files[1:]
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        name = f"{relative}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            out.append(f"{prefix}{name}/")
            if relative == "instances/":
                folder(entry.path, "", is_skipped, f"{prefix}{name}/", out)
            elif EVENT_FOLDER(name):
                event(entry.path, prefix + name, files, out)
            else:
                folder(entry.path, f"{name}/", is_skipped, prefix, out)
        elif not is_skipped(name) and entry.stat().st_mode & stat.S_IRUSR:
            out += lines_of(prefix + name, read(entry.path))


def modules():
    """Names and users: what is left on can keep a module."""
    words = [line.split() for line in read("/proc/modules").splitlines()]
    return [f"module {word[0]}: {word[2]}" for word in words if len(word) > 3]


def lines():
    out = []
    folder(TRACEFS, "", matcher(SKIPPED_TRACEFS), "", out)
    for name in SYSCTL_FOLDERS:
        folder(f"/proc/sys/{name}", f"{name}/", matcher(SKIPPED_SYSCTL), "sysctl ", out)
    for path in "/sys/kernel/debug/kprobes/list", "/sys/kernel/debug/kprobes/enabled":
        out += lines_of(path, read(path))
    out += sorted(f"mount {' '.join(line.split()[:4])}"
                  for line in read("/proc/self/mounts").splitlines())
    return out + modules()
