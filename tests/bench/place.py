# SPDX-License-Identifier: GPL-2.0-or-later
"""place - where overhead measures: two namespaces, trace-cmd beside us, events written by hand

Namespaces have no names and belong to processes, and mounts are private: whatever ends the bench,
the kernel takes them back.  Trace instances and dynamic events have names and are removed."""

import errno
import glob
import os
import re
import shutil
import signal
import subprocess
import sys

TRACING = "/sys/kernel/tracing"
NEAR, FAR = "10.89.0.1", "10.89.0.2"
ENTERED = "SKBTRAIL_BENCH_ENTERED"
NAME = f"skbtrail_bench_{os.getpid()}"


def why_not():
    if os.geteuid():
        return "needs root"
    if not os.path.exists(TRACING + "/trace_clock"):
        return "tracefs is not mounted"
    for tool in ("ip", "unshare", "nsenter"):
        if not shutil.which(tool):
            return f"no {tool}"
    if ENTERED not in os.environ and \
       subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode:
        return "no right to make network namespaces"
    return None


def enter():
    """Starts the program over in namespaces of its own."""
    if ENTERED not in os.environ:
        os.environ[ENTERED] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def output(*command):
    """Both outputs of a command that has to succeed.  When we are to end it is told to, and waited
    for: a recording restores what it has changed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        text, said = process.communicate()
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    if process.returncode:
        raise SystemExit(f"bench: {command[0]}: exit status {process.returncode}\n{said}")
    return text, said


def write(path, text, flags=os.O_WRONLY):
    fd = os.open(path, flags)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


class Place:
    """va here and vb in the namespace of a cat, which ends when we do."""

    def __enter__(self):
        self.far = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE)
        # What comes back shows that it is in its namespace.
        self.far.stdin.write(b"\n")
        self.far.stdin.flush()
        self.far.stdout.read(1)
        there = ["nsenter", f"--target={self.far.pid}", "--net"]
        no_ipv6 = "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"
        for side in ([], there):
            subprocess.run([*side, "sh", "-c", no_ipv6], stderr=subprocess.DEVNULL)
        # Neighbours that are known need no ARP: the packets are the load's.
        for side, commands in (
                ([], f"""link add va address 02:00:00:00:00:01 type veth peer name vb
                             address 02:00:00:00:00:02 netns {self.far.pid}
                         addr add {NEAR}/24 dev va
                         link set va up
                         neigh add {FAR} lladdr 02:00:00:00:00:02 dev va"""),
                (there, f"""addr add {FAR}/24 dev vb
                            link set vb up
                            neigh add {NEAR} lladdr 02:00:00:00:00:01 dev vb""")):
            batch = re.sub(r"\n +address", " address", commands)
            subprocess.run([*side, "ip", "-batch", "-"], input=batch, text=True, check=True)
        return self

    def __exit__(self, *_):
        self.far.stdin.close()
        self.far.wait()

    def load(self, netload, cpu, kind, amount):
        return [netload, "-c", str(cpu), kind, f"/proc/{self.far.pid}/ns/net", "va", FAR,
                str(amount)]


class TraceCmd:
    """trace-cmd record in an instance of its own."""

    def __init__(self, capture, buffer_kb):
        self.capture = capture
        self.buffer_kb = buffer_kb
        self.empty = capture + ".empty"
        self.instance = f"{TRACING}/instances/{NAME}_trace_cmd"

    def __enter__(self):
        enabled = "/proc/sys/kernel/ftrace_enabled"
        self.is_locked = not takes_its_own_value(enabled)
        if self.is_locked:
            with open(self.empty, "w"):
                pass
            output("mount", "--bind", self.empty, enabled)
        return self

    def prepare(self):
        """A kernel that is locked against function tracing refuses files that trace-cmd writes to
        on its way, and then it gives up; in our mounts others stand in their place.  trace-cmd
        removes the instance each time."""
        if not self.is_locked:
            return
        os.makedirs(self.instance, exist_ok=True)
        for path in glob.glob(self.instance + "/set_ftrace_*"):
            output("mount", "--bind", self.empty, path)

    def __exit__(self, *_):
        if os.path.exists(self.instance):
            os.rmdir(self.instance)

    def record(self, events, command, *options):
        """Return: what the command wrote, and bytes of events."""
        text, said = output("trace-cmd", "record", "-B", os.path.basename(self.instance),
                         "-C", "mono", "-b", str(self.buffer_kb), "-o", self.capture, *options,
                         *(word for event in events for word in ("-e", event)), *command)
        # Of a compressed capture the second number is the events' own.
        sizes = re.findall(r"^ +(\d+) bytes in size(?: \((\d+) uncompressed\))?", said, re.M)
        return text, sum(int(plain or size) for size, plain in sizes)


def takes_its_own_value(path):
    try:
        with open(path) as file:
            write(path, file.read())
    except OSError:
        return False
    return True


# ---- events by hand

def fetch_cases(probes):
    """name -> a tracepoint, the definition of a dynamic event, or None.  All are hit once by each
    packet that is sent."""
    where = {"eprobe": ("e", "net/net_dev_queue", "$skbaddr"),
             "kprobe": ("p", "__dev_queue_xmit", "$arg1"),
             "fprobe": ("f", "__dev_queue_xmit", "$arg1")}
    cases = {"none": None, "tracepoint": "net/net_dev_queue"}
    for kind, (letter, at, skb) in where.items():
        cases[kind + ", pointer"] = f"{letter}:{NAME}/hit {at} skb={skb}:x64"
    # The definition of skbtrail's own event has this kernel's offsets.
    own = probes.get("tx", "")
    found = re.match(r"(\w)\w*:\S+ (\S+) skb=(\S+):x64", own)
    if not found:
        return cases
    letter, at, skb = found.groups()
    head = f"{letter}:{NAME}/hit {at} "
    member = dict(re.findall(r" (\w+)=(\S+?):", own))
    data, name = member["bytes"], member["name"]
    fetched = {
        "u32": f"a={member['len']}:u32",
        "u32 four times": " ".join(f"{x}={member['len']}:u32" for x in "abcd"),
        "u32 behind two pointers": f"a={member['ifindex']}:u32",
        "name as string": f"a={name}:string",
        "name as x64[2]": f"a={name}:x64[2]",
        "96 bytes as x64[12]": f"a={data}:x64[12]",
        "96 bytes as x32[24]": f"a={data}:x32[24]",
        "96 bytes as x8[48] twice": f"a={data}:x8[48] b={data.replace('+0', '+48', 1)}:x8[48]",
        "512 bytes as x64[64]": f"a={data}:x64[64]",
        "skbtrail:tx": own.split(" ", 2)[2],
        "skbtrail:tx, no bytes": re.sub(r" bytes=\S+", "", own.split(" ", 2)[2]),
        "skbtrail:tx, name as x64[2]": own.split(" ", 2)[2].replace(":string", ":x64[2]"),
        "skbtrail:tx, members in words": in_words(own.split(" ", 2)[2], skb),
    }
    cases.update({name: head + args for name, args in fetched.items()})
    return cases


def in_words(args, skb):
    """Members of the skb that share eight bytes are fetched at once, the name as two words."""
    member = re.compile(rf"\w+=\+(\d+)\({re.escape(skb)}\):\S+")
    words = {int(found[1]) & ~7 for word in args.split() if (found := member.fullmatch(word))}
    return " ".join([word.replace(":string", ":x64[2]") for word in args.split()
                     if not member.fullmatch(word)]
                    + [f"at{word}=+{word}({skb}):x64" for word in sorted(words)])


class Instance:
    """A trace instance that nobody reads, and at most one event in it."""

    def __init__(self, buffer_kb):
        self.path = f"{TRACING}/instances/{NAME}"
        self.buffer_kb = buffer_kb
        self.event = None
        self.is_ours = False

    def __enter__(self):
        os.mkdir(self.path)
        write(self.path + "/buffer_size_kb", str(self.buffer_kb))
        write(self.path + "/trace_clock", "mono")
        return self

    def __exit__(self, *_):
        self.disable()
        os.rmdir(self.path)

    def takes(self, case):
        try:
            self.enable(case)
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise
            return False
        finally:
            self.disable()
        return True

    def enable(self, case):
        """Return: a function that says how often it was hit."""
        if case is None:
            return None
        self.is_ours = ":" in case
        if self.is_ours:
            write(TRACING + "/dynamic_events", case + "\n", os.O_WRONLY | os.O_APPEND)
        self.event = f"{NAME}/hit" if self.is_ours else case
        write(self.path + "/trace", "", os.O_WRONLY | os.O_TRUNC)
        before = self.hits()
        write(f"{self.path}/events/{self.event}/enable", "1")
        return lambda: self.hits() - before

    def hits(self):
        """Those that were overwritten count as well."""
        total = 0
        for path in glob.glob(self.path + "/per_cpu/cpu*/stats"):
            with open(path) as file:
                stat = dict(line.split(":", 1) for line in file if ":" in line)
            total += int(stat["entries"]) + int(stat["overrun"])
        return total

    def disable(self):
        if not self.event:
            return
        enable = f"{self.path}/events/{self.event}/enable"
        if os.path.exists(enable):
            write(enable, "0")
        if self.is_ours:
            write(TRACING + "/dynamic_events", f"-:{NAME}/hit\n", os.O_WRONLY | os.O_APPEND)
        self.event = None
