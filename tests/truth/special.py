# SPDX-License-Identifier: GPL-2.0-or-later
"""special.py - what each scenario was made for: packets beside the kernel's counters, and waits

Each check returns pairs of a packet (or None) and what is wrong with it."""

import os
import re

UNDECIDED = ("unknown", "in-flight")


def span_of(packet, stage):
    return next((span for span in packet["spans"] if span["stage"] == stage), None)


def linked(packet, kind, role):
    return any((link["type"], link["role"]) == (kind, role) for link in packet["links"])


def gone_before_the_wire(packet):
    """Split, lost or waiting in a queueing discipline: tcpdump sees what passes it."""
    return packet["fate"] in ("consumed", "dropped", "queued", "unknown") and \
        not span_of(packet, "driver") and not span_of(packet, "stack")


def tc_dropped(folder):
    counted = {}
    for when in ("before", "after"):
        with open(os.path.join(folder, f"tc.a.{when}"), encoding="utf-8") as file:
            counted[when] = sum(int(n) for n in re.findall(r"\(dropped (\d+)", file.read()))
    return counted["before"], counted["after"] - counted["before"]


def durations(packets, stage, part=None):
    spans = [span for packet in packets for span in packet["spans"] if span["stage"] == stage]
    if part:
        return [span["parts"][part] for span in spans if span.get("parts")]
    return [span["end_ns"] - span["start_ns"] for span in spans]


def to_port(pairs, port):
    return [packet for frame, packet in pairs if frame.dport == port]


def drops_at(pairs, port, where, class_):
    """Errors of the packets to @port, all of which are dropped there."""
    wrong = []
    for packet in to_port(pairs, port):
        drop = packet["drop"]
        if packet["fate"] in UNDECIDED:
            continue
        if not drop or not re.match(where, drop["location"] or "") or drop["class"] != class_:
            wrong.append((packet, f"is {packet['fate']}, {drop}, not dropped at {where}, "
                          f"{class_}"))
    return wrong


def filtered(folder, pairs):
    """As many as the filter counted."""
    with open(os.path.join(folder, "nft.b.after"), encoding="utf-8") as file:
        counted = int(re.search(r'"counter": \{"packets": (\d+)', file.read())[1])
    found = sum(packet["fate"] == "dropped" for packet in to_port(pairs, 6666))
    return [] if found == counted else [(None, f"{found} were filtered, nft says {counted}")]


def qdisc_drops(report, folder):
    """As many as the kernel counted; older kernels free them without an event.  The recording
    begins before the counters are read, so what was counted until then may be among them."""
    gone = [packet for packet in report.packets if packet["dev"] == "va"
            and gone_before_the_wire(packet)]
    lost = sum(packet["fate"] == "dropped" for packet in gone)
    maybe = sum(packet["fate"] in UNDECIDED for packet in gone)
    before, counted = tc_dropped(folder)
    wrong = [(packet, "was dropped in the queueing discipline, not consumed") for packet in gone
             if packet["fate"] == "consumed"]
    if not lost - before <= counted <= lost + maybe + len(wrong):
        wrong.append((None, f"{lost} were dropped in the queueing discipline (unknown: {maybe}), "
                      f"tc says {counted}"))
    return wrong if counted else wrong + [(None, "nothing was lost: the scenario is void")]


def udp_counter(folder, name):
    """By how much one of b's Udp: counters grew."""
    found = []
    for when in ("before", "after"):
        with open(os.path.join(folder, f"counters.b.{when}"), encoding="utf-8") as file:
            names, values = [line.split() for line in file if line.startswith("Udp:")]
        found.append(int(values[names.index(name)]))
    return found[1] - found[0]


def full_buffer(folder, pairs):
    packets = to_port(pairs, 6000)
    lost = sum(packet["fate"] == "dropped" for packet in packets)
    maybe = sum(packet["fate"] in UNDECIDED for packet in packets)
    counted = udp_counter(folder, "RcvbufErrors")
    wrong = [(packet, f"was dropped as {packet['drop']}, not for want of a resource")
             for packet in packets if packet["drop"] and packet["drop"]["class"] != "resource"]
    if not lost <= counted <= lost + maybe or not counted:
        wrong.append((None, f"{lost} were dropped at the full buffer, RcvbufErrors grew by "
                      f"{counted}"))
    return wrong


def check_hog(facts, pairs):
    """The first datagram waits until the CPU is free: its reader does, or ksoftirqd before it."""
    frame, packet = min(((frame, packet) for frame, packet in pairs if frame.dport == 6000),
                        key=lambda pair: pair[0].time_ns)
    wait = facts.hog["t"] - frame.time_ns if facts.hog else 0
    read = min(line["t"] for lines in facts.datagrams.values() for line in lines)
    most = read - frame.time_ns
    found = sum(durations([packet], "softirq", "runqueue_ns") +
                durations([packet], "queue", "runqueue_ns"))
    if wait < 10_000_000:
        return [(None, f"the CPU was taken for {wait} ns only: the scenario is void")]
    return [] if wait * 0.8 < found < most else \
        [(packet, f"waited {found} ns in the run queue, not {wait} to {most}")]


def check_special(name, report, facts, pairs, folder):
    """What the scenario was made for."""
    if name == "udp-closed":
        return drops_at(pairs, 6999, r"(__udp4_lib_rcv|udp_rcv)\b", "protocol")
    if name == "nft-drop":
        return drops_at(pairs, 6666, r"(nft_do_chain|nf_hook_slow)\b", "policy") + \
            filtered(folder, pairs)
    if name == "udp-full":
        return full_buffer(folder, pairs)
    if name == "netem":
        quick = [d for d in durations(to_port(pairs, 6000), "qdisc") if d < 9_000_000]
        return qdisc_drops(report, folder) + \
            [(None, f"waited only {d} ns in netem") for d in quick]
    if name == "tbf":
        waits = durations(to_port(pairs, 6000), "qdisc")
        return qdisc_drops(report, folder) + \
            ([] if max(waits, default=0) > 10_000_000 else [(None, "nothing waited in tbf")])
    if name == "cpu-hog":
        return check_hog(facts, pairs)
    if name == "stopped-reader":
        waits = durations(to_port(pairs, 6000), "queue")
        return [] if min(waits, default=0) > 150_000_000 else \
            [(None, f"the stopped reader's queue is {waits} ns only")]
    if name == "gro-split":
        return [] if any(linked(p, "gso", "child") for p in report.packets) else \
            [(None, "nothing was split")]
    if name == "rps":
        cpus = {span["cpu"] for packet in to_port(pairs, 6000) for span in packet["spans"]
                if span["stage"] == "stack"}
        return [] if 0 in cpus else [(None, f"received on CPUs {cpus} only")]
    return []


def check_loss(report):
    summary, wrong = report.summaries[0], []
    total = sum(summary["packets"].values())
    if not report.capture["lost_events"] and not report.capture["lost_unknown"]:
        wrong.append((None, "no event was lost: the scenario is void"))
    if not summary["truncated_by_loss"] or summary["complete"] >= total:
        wrong.append((None, f"{summary['complete']} of {total} complete, "
                      f"{summary['truncated_by_loss']} touched by loss"))
    return wrong
