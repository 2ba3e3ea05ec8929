# SPDX-License-Identifier: GPL-2.0-or-later
"""counted.py - what `skbtrail counters --json` says of a guest -> where it differs from /proc

All counters of the protocols in both namespaces are compared, and those that kinds of loss name."""

import collections
import re


def told(lines):
    """Growth by the names of provoked.py, without blanks between a group and a counter."""
    found = collections.Counter()
    for line in lines:
        if line["kind"] != "counter":
            continue
        ns, source, name, growth = line["netns"], line["source"], line["name"], line["growth"]
        if source in ("snmp", "netstat"):
            found[f"{ns} {name}"] += growth
        # /proc/net/dev has the two in one column.
        elif source == "dev" and name in ("rx_dropped", "rx_missed_errors"):
            found[f"{ns} dev {line['object']} rx_drop"] += growth
        elif source == "dev" and name == "tx_dropped":
            found[f"{ns} dev {line['object']} tx_drop"] += growth
        elif source == "qdisc" and name == "drops":
            found[f"tc {line['object'].split()[0]}"] += growth
        elif source == "softnet" and name == "dropped":
            found["softnet dropped"] += growth
        elif source == "ethtool":
            found[f"ethtool {name}"] += growth
    return found


def key_of(kind, name):
    """What told() calls the counter of a kind, or None."""
    if name == "tc dropped":
        return "tc va" + kind.name
    return name if re.match(r"(softnet|ethtool|[ab] dev) ", name) else None


def of_losses(kinds):
    """By how much the counters that kinds name had to grow, but for those of /proc/net/snmp and
    netstat, which may grow by other kinds as well."""
    wanted = collections.Counter()
    for kind in kinds:
        for loss in kind.losses:
            for name in loss.counters:
                key = key_of(kind, name)
                if key:
                    wanted[key] += kind.lost(loss)[1]
    return wanted


def of_proc(kinds):
    """By how much all counters of the protocols grew, from before the first kind to the end."""
    order = sorted(kinds, key=lambda kind: kind.window[0])
    before, after = order[0].counters("before"), order[-1].counters("after")
    grown = {}
    for name in after:
        words = name.split()
        # The levels among them.
        if len(words) == 3 and words[0] in "ab" and words[1] != "Ip6" and \
                words[2] not in ("CurrEstab", "Forwarding", "DefaultTTL", "MaxConn"):
            grown[f"{words[0]} {words[1]}{words[2]}"] = after[name] - before.get(name, 0)
    return grown


def differences(lines, kinds):
    """Sentences."""
    found = told(lines)
    for name, number in of_losses(kinds).items():
        if found[name] != number:
            yield f"counters: {name} is told to have grown by {found[name]}, not {number}"
    for name, number in of_proc(kinds).items():
        if found[name] != number:
            yield f"counters: {name} is told to have grown by {found[name]}, /proc says {number}"


# Pairs of a counter and a kind of drop that are told beside each other, and counters of drops that
# have no event, by the names of of_losses() and of_proc(); of a namespace, or of all together.
SEEN = ("UdpRcvbufErrors", "UdpNoPorts", "TcpInCsumErrors", "IcmpInCsumErrors", "IpInHdrErrors",
        "TcpExtIPReversePathFilter")
UNSEEN = ("TcpExtListenDrops", "rx_missed_errors")


def reconciliation_differences(rows, kinds, kernel):
    """Of the report's counters beside drops: they agree, or it is said that there is no event."""
    for row in rows:
        if row["state"] not in ("agrees", "no-event", "no-reason"):
            yield f"reconciliation: {row['label']}: {row['counted']} counted, {row['seen']} " \
                f"seen: {row['state']}"
    proc, losses = of_proc(kinds), of_losses(kinds)
    wanted = {name: sum(proc.get(f"{ns} {name}", 0) for ns in "ab") for name in SEEN + UNSEEN}
    wanted["dropped"] = losses["softnet dropped"]
    wanted["drops"] = sum(count for name, count in losses.items() if name.startswith("tc "))
    wanted["rx_missed_errors"] = losses["b dev vbnic rx_drop"]
    for name, count in wanted.items():
        found = [row for row in rows if row["name"] == name]
        counted = sum(row["counted"] for row in found)
        if counted != count:
            yield f"reconciliation: {name}: {counted} counted, not {count}"
        # Before 5.17 some cannot be told apart.
        states = {"no-event"} if name in UNSEEN else {"agrees"} if kernel >= (5, 17) else \
            {"agrees", "no-reason"}
        if not {row["state"] for row in found} <= states:
            yield f"reconciliation: {name} is {[row['state'] for row in found]}"
        if name not in UNSEEN and any(row["state"] == "agrees" and row["seen"] != row["counted"]
                                      for row in found):
            yield f"reconciliation: {name} agrees, and does not: {found}"


def unseen_differences(told, kinds):
    """Of what no event shows, in the head of `skbtrail drops`."""
    proc = of_proc(kinds)
    wanted = sum(proc.get(f"{ns} TcpExtListenDrops", 0) for ns in "ab") + \
        of_losses(kinds)["b dev vbnic rx_drop"]
    if told["unseen"] != wanted:
        yield f"drops: {told['unseen']} that no event shows, not {wanted}"


def live_differences(lines, kinds, kernel):
    """Of `skbtrail drops` while it happened: as above in the total; each interval agrees, and they
    add up to it."""
    if any("reconciliation" not in line for line in lines):
        yield "live: a line without the kernel's counters"
        return
    for what in reconciliation_differences(lines[-1]["reconciliation"], kinds, kernel):
        yield f"live {what}"
    for what in unseen_differences(lines[-1], kinds):
        yield f"live {what}"
    added = {"counted": collections.Counter(), "seen": collections.Counter()}
    for line in lines[:-1]:
        for row in line["reconciliation"]:
            if row["state"] not in ("agrees", "no-event", "no-reason"):
                yield f"live: interval {line['number']}: {row['label']}: {row['counted']} " \
                    f"counted, {row['seen']} seen: {row['state']}"
            for key, numbers in added.items():
                numbers[row["label"]] += row[key] or 0
    for row in lines[-1]["reconciliation"]:
        for key, numbers in added.items():
            if numbers[row["label"]] != (row[key] or 0):
                yield f"live: intervals have {numbers[row['label']]} of {row['label']} {key}, " \
                    f"not {row[key]}"
