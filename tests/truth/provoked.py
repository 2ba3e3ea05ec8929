# SPDX-License-Identifier: GPL-2.0-or-later
"""provoked.py - the folder that tests/vm/drops left -> what was lost there, of what, and how often

What is true comes from the logs of the programs that sent and read, from the kernel's counters, and
from what the kernel's sources say of each place; nothing of it from skbtrail."""

import json
import os
import re

# The first kernel that says a reason at the place of its kind; older ones that know reasons say
# NOT_SPECIFIED there, and before 5.17 there are none (include/net/dropreason-core.h).
FIRST_REASONS = (5, 17)
SINCE = {"NO_SOCKET": (5, 17), "NETFILTER_DROP": (5, 17), "UDP_CSUM": (5, 17), "TCP_CSUM": (5, 17),
         "IP_CSUM": (5, 17), "IP_INHDR": (5, 17), "SOCKET_RCVBUFF": (5, 18),
         "IP_RPFILTER": (5, 18), "QDISC_DROP": (5, 18), "CPU_BACKLOG": (5, 18),
         "FULL_RING": (5, 18), "ICMP_CSUM": (5, 19), "IP_INNOROUTES": (5, 19),
         "FRAG_REASM_TIMEOUT": (6, 3)}


class Loss:
    """Packets that were lost in one way.

    @logs: of what was sent; @arrived: logs of those of them that were not lost.
    @at: functions in which it happens, @why: the kernel's reason, @kind: skbtrail's class.
    @device: prefix of the device's name, which ends with that of the kind.
    @where: "sender" (in its call), "reader" or None (a timer); @counters: each grew by the number.
    @owners: receivers, of whose sockets they are.
    @since: as SINCE, at this place.
    @silent: the kernel frees them without an event.  @unseen: nothing of them but their end."""

    def __init__(self, name, logs, at, why, kind, **more):
        self.name, self.logs, self.at, self.why, self.kind = name, logs.split(), at, why, kind
        self.arrived, self.where, self.device = more.get("arrived", "").split(), \
            more.get("where", "sender"), more.get("device", "va")
        self.counters = more.get("counters", ())
        self.silent, self.unseen = more.get("silent", False), more.get("unseen", False)
        self.since, self.owners = more.get("since"), more.get("owners", "").split()

    def reason(self, kernel):
        if kernel < FIRST_REASONS:
            return None
        since = self.since or SINCE.get(self.why)
        return self.why if since and kernel >= since else "NOT_SPECIFIED"


UDP = r"(__udp4_lib_rcv|udp_rcv|udp_unicast_rcv_skb)\b"
TCP = r"tcp_v4_rcv\b"
QDISC = r"(__dev_queue_xmit|__dev_xmit_skb|kfree_skb_list(_reason)?|__tcf_kfree_skb_list)\b"
FINISH = r"(ip_rcv_finish_core|ip_rcv_finish|ip_rcv)\b"
PURGE = r"(inet_frag_rbtree_purge|inet_frag_destroy)\b"

KINDS = {
    "backlog": [Loss("segments", "send.segments", r"(enqueue_to_backlog|netif_rx\w*)\b",
                     "CPU_BACKLOG", "resource", arrived="recv.segments",
                     counters=("softnet dropped", "b dev vbbacklog rx_drop",
                               "a dev vabacklog tx_drop"))],
    "benign": [],
    "closed": [Loss("datagrams", "send.closed", UDP, "NO_SOCKET", "protocol",
                    counters=("b Udp NoPorts",)),
               Loss("connections", "connect.closed", TCP, "NO_SOCKET", "protocol",
                    counters=("b Tcp OutRsts",))],
    "csum": [Loss("closed", "frames.closed", UDP, "UDP_CSUM", "protocol",
                  counters=("b Udp InCsumErrors", "b Udp InErrors")),
             Loss("reader", "frames.reader", r"udp_recvmsg\b", "UDP_CSUM", "protocol",
                  where="reader", owners="reader", since=(6, 13),
                  counters=("b Udp InCsumErrors", "b Udp InErrors")),
             Loss("tcp", "frames.tcp", TCP, "TCP_CSUM", "protocol",
                  counters=("b Tcp InCsumErrors",)),
             Loss("icmp", "frames.icmp", r"icmp_rcv\b", "ICMP_CSUM", "protocol",
                  counters=("b Icmp InCsumErrors",)),
             Loss("ip", "frames.ip", r"(ip_rcv_core|ip_rcv)\b", "IP_CSUM", "protocol",
                  counters=("b IpExt InCsumErrors", "b Ip InHdrErrors"))],
    "frag": [Loss("first", "frames.first", r"ip_expire\b", "FRAG_REASM_TIMEOUT", "protocol",
                  where=None, counters=("b Ip ReasmTimeout", "b Ip ReasmFails")),
             Loss("last", "frames.last", PURGE, "FRAG_REASM_TIMEOUT", "protocol", where=None,
                  counters=("b Ip ReasmTimeout", "b Ip ReasmFails"))],
    "listen": [Loss("full", "connect.full", None, None, None, silent=True,
                    counters=("b TcpExt ListenOverflows", "b TcpExt ListenDrops"))],
    "martian": [Loss("loopback", "frames.loopback", FINISH, "IP_LOCALNET",
                     "policy|protocol", since=(6, 13), counters=("rt_cache in_martian_src",)),
                Loss("reverse", "frames.reverse", FINISH, "IP_RPFILTER", "policy",
                     counters=("b TcpExt IPReversePathFilter", "rt_cache in_martian_src"))],
    "netem": [Loss("lossy", "send.lossy", QDISC, "QDISC_DROP", "resource", arrived="recv.lossy",
                   counters=("tc dropped",))],
    "nft": [Loss("filtered", "send.filtered", r"(nf_hook_slow|nft_do_chain)\b", "NETFILTER_DROP",
                 "policy", counters=("nft packets",))],
    "nic": [Loss("ring", "pktgen.ring", None, None, None, silent=True, arrived="recv.ring",
                 counters=("ethtool rx_fifo", "b dev vbnic rx_drop"))],
    "rcvbuf": [Loss("full", "send.full", r"(__udp_enqueue_schedule_skb|udp_queue_rcv_\w*skb)\b",
                    "SOCKET_RCVBUFF", "resource", arrived="recv.full", owners="full",
                    counters=("b Udp RcvbufErrors", "b Udp InErrors"))],
    "route": [Loss("route", "frames.route", r"ip_error\b", "IP_INNOROUTES", "protocol",
                   counters=("b IpExt InNoRoutes",))],
    "tbf": [Loss("slow", "send.slow", QDISC, "QDISC_DROP", "resource", arrived="recv.slow",
                 counters=("tc dropped",))],
    "ttl": [Loss("ttl", "frames.ttl", r"ip_forward\b", "IP_INHDR", "protocol",
                 counters=("b Ip InHdrErrors",))],
    "tun": [Loss("ring", "send.ring", r"tun_net_xmit\b", "FULL_RING", "resource",
                 arrived="held.ring", counters=("a dev vatun tx_drop",))],
    "xdp": [Loss("dropped", "send.dropped", r"(veth_xdp_rcv(_skb)?|veth_poll)\b", None,
                 "policy", device="vb", unseen=True)],
}
# What nobody reads is no loss where it is purged with its socket.
PURGED = {"benign": ["send.datagrams"]}


def lines_of(path):
    """Objects of a log; a receiver's begins with an empty line, and says when it closed."""
    with open(path, encoding="utf-8") as file:
        found = [json.loads(line) for line in file if line.strip()]
    return [line for line in found if not line.get("close") and line.get("len", 1) > 0]


def words_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().split()


class Kind:
    """What one kind's folder says.  @programs: tasks, inodes of sockets by name."""

    def __init__(self, folder, name):
        self.folder, self.name = os.path.join(folder, name), name
        self.losses = KINDS[name]
        self.addresses = dict(word.split("=") for word in words_of(self.path("addresses")))
        self.window = [json.loads(" ".join(words_of(self.path(f"window.{when}"))))["mono"]
                       for when in ("begin", "end")]
        self.programs = {}
        if os.path.exists(self.path("programs")):
            with open(self.path("programs"), encoding="utf-8") as file:
                self.programs = {name: (list(map(int, tasks.split(","))), list(map(int, inodes)))
                                 for name, tasks, *inodes in map(str.split, file)}

    def path(self, name):
        return os.path.join(self.folder, name)

    def sent(self, log):
        """(flow, IP id or None, pid of the sender) of each packet."""
        if log.startswith("pktgen."):
            with open(self.path(log), encoding="utf-8") as file:
                return [(None, None, 0)] * int(re.search(r"pkts-sofar: (\d+)", file.read())[1])
        found = []
        for line in lines_of(self.path(log + ".jsonl")):
            if "proto" in line:
                proto = {6: "tcp", 17: "udp", 1: "icmp"}[line["proto"]]
                flow = proto, line["src"], line.get("sport"), line["dst"], line.get("dport")
                ident = line["ipid"] if log.startswith("frames") else None
                found.append((flow, ident, line["tid"]))
                continue
            proto = "tcp" if log.endswith(".stream") else "udp"
            flow = proto, self.addresses["a"], line["port"], self.addresses["b"], line["dport"]
            size = 100 if self.name == "backlog" else line["len"]
            found += [(flow, None, line["tid"])] * (line["len"] // size)
        return found

    def lost(self, loss):
        """The packets of which these were lost, and their number."""
        sent = [packet for log in loss.logs for packet in self.sent(log)]
        arrived = sum(len(lines_of(self.path(log + ".jsonl"))) for log in loss.arrived)
        return sent, len(sent) - arrived

    def counters(self, when):
        """All counters by name."""
        found = {}
        for ns in "a", "b":
            with open(self.path(f"counters.{ns}.{when}"), encoding="utf-8") as file:
                found.update({f"{ns} {key}": value for key, value in net_counters(file)})
        for name, read in OWN.items():
            if os.path.exists(self.path(f"{name}.{when}")):
                with open(self.path(f"{name}.{when}"), encoding="utf-8") as file:
                    found.update({f"{name} {key}": value for key, value in read(file.read())})
        return found

    def grown(self):
        """By how much each counter grew."""
        before, after = self.counters("before"), self.counters("after")
        return {key: after[key] - before.get(key, 0) for key in after}


def net_counters(lines):
    """Of /proc/net/snmp, netstat, snmp6 and dev one behind the other."""
    names = None
    for line in lines:
        words = line.replace(":", ": ").split()
        if "|" in line or not words:
            continue
        if not words[0].endswith(":"):
            yield "Ip6 " + words[0], int(words[1])
        elif len(words) == 17 and words[1].isdigit():
            yield f"dev {words[0][:-1]} rx_drop", int(words[4])
            yield f"dev {words[0][:-1]} tx_drop", int(words[12])
        elif names and names[0] == words[0]:
            for name, value in zip(names[1:], words[1:]):
                yield f"{words[0][:-1]} {name}", int(value)
            names = None
        else:
            names = words


def softnet_counters(text):
    yield "dropped", sum(int(line.split()[1], 16) for line in text.splitlines())


def rt_cache_counters(text):
    names, *rows = [line.split() for line in text.splitlines()]
    for column, name in enumerate(names):
        yield name, sum(int(row[column], 16) for row in rows)


def tc_counters(text):
    yield "dropped", sum(int(number) for number in re.findall(r"\(dropped (\d+)", text))


def nft_counters(text):
    yield "packets", sum(int(number) for number in re.findall(r'"packets": (\d+)', text))


def ethtool_counters(text):
    yield from ((name, int(number)) for name, number in re.findall(r"(\w+): (\d+)", text))


OWN = {"ethtool": ethtool_counters, "softnet": softnet_counters, "rt_cache": rt_cache_counters,
       "tc": tc_counters, "nft": nft_counters}


class Symbols:
    """/proc/kallsyms of the guest: addresses -> the place, without what the compiler appends."""

    def __init__(self, path):
        self.table = []
        with open(path, encoding="utf-8") as file:
            for line in file:
                address, kind, *name = line.split()
                if kind in "tTwW":
                    self.table.append((int(address, 16), " ".join(name)))
        self.table.sort()

    def place(self, address):
        import bisect
        at = bisect.bisect_right(self.table, (address, "\uffff")) - 1
        start, name = self.table[at]
        name, _, module = re.sub(r"\.(isra|constprop|part)\.\d+", "", name).partition(" ")
        return f"{name}+{address - start:#x}" + (" " + module if module else "")


def dropwatch_counts(path, symbols):
    """Drops by place; None where dropwatch could not run."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if "Got a stop message" not in text:
        return None
    found = {}
    for count, address in re.findall(r"^(\d+) drops at location (0x[0-9a-f]+)", text, re.M):
        place = symbols.place(int(address, 16))
        found[place] = found.get(place, 0) + int(count)
    return found


class Event:
    """A line of the kernel about kfree_skb: time (ns), task, and the reason where it has some."""

    PATTERN = re.compile(r"\s*(.+)-(\d+)\s+\[\d+\]\s+\S+\s+(\d+)\.(\d+): kfree_skb: "
                         r".*location=(\S+(?: \[\w+\])?)(?: reason: (\w+))?")

    def __init__(self, found):
        self.comm, self.pid = found[1], int(found[2])
        self.time_ns = int(found[3]) * 10**9 + int(found[4].ljust(9, "0"))
        self.location, self.reason = found[5], found[6]


def events(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        found = [Event.PATTERN.match(line) for line in file if not line.startswith("#")]
    return [Event(match) for match in found if match]


def read(folder):
    """The kinds that were provoked there."""
    return [Kind(folder, name) for name in sorted(KINDS)
            if os.path.exists(os.path.join(folder, name, "window.end"))]
