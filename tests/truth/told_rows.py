# SPDX-License-Identifier: GPL-2.0-or-later
"""told_rows.py - what `skbtrail drops --json` says of a guest -> where it differs from the truth

Losses of one device that this kernel does not tell apart (no reasons, one function) are one row."""

import collections
import re

FLOW_KEYS = ("proto", "src", "sport", "dst", "dport")


# Since then kfree_skb says whose socket it is: rx_sk; but not where the reader itself drops.
SOCKET_SINCE = (6, 11)


def is_of(row, kind, loss, kernel):
    """Its device is that of either end: which the kernel names at a drop depends on the place.
    The skb of a fragment or in a socket's queue has none any more."""
    devices = ("va" + kind.name, "vb" + kind.name) + \
        ((None,) if loss.unseen or loss.where != "sender" else ())
    return row["dev"] in devices and row["reason"] == loss.reason(kernel) and \
        re.match(loss.at, row["location"] or "")


def groups(kind, kernel):
    """Losses that cannot be told apart, together."""
    found = collections.defaultdict(list)
    for loss in kind.losses:
        if not loss.silent:
            found[loss.reason(kernel), loss.at].append(loss)
    return found.values()


def check_flows(row, losses, kind):
    """Of each flow no more than were sent, and of all as many as the row has."""
    sent = collections.Counter(flow for loss in losses for flow, _, _ in kind.lost(loss)[0])
    told = collections.Counter()
    for entry in row["flows"]:
        told[tuple(entry["flow"][key] for key in FLOW_KEYS)] += entry["count"]
    for flow, count in told.items():
        if count > sent[flow]:
            yield f"{row['location']}: {count} of {flow} are told, {sent[flow]} were sent"
    # It keeps the most frequent of many.
    if not told or (len(sent) == 1 and sum(told.values()) != row["count"]):
        yield f"{row['location']}: {row['count']} were lost, of flows {dict(told)}"


# Kinds whose reader has its socket open all the time, so that who it is has to be told.
OWNED = ("rcvbuf",)


def check_owner(row, losses, kind, kernel):
    """Whose socket it was, where the kernel says that; what is told of it is never wrong."""
    owners = [owner for loss in losses for owner in loss.owners]
    if not owners:
        return
    tasks, inodes = kind.programs[owners[0]]
    top = row["sockets"][0] if row["sockets"] else None
    if not top and (kernel < SOCKET_SINCE or losses[0].where == "reader"):
        return
    unknown = () if kind.name in OWNED and kernel >= SOCKET_SINCE else (None,)
    if not top or top["count"] != row["count"] or top["pid"] not in (*tasks, *unknown) or \
            top["comm"] not in ("scenario", *unknown) or top["inode"] not in (*inodes, *unknown):
        yield f"{row['location']}: the socket is {inodes} of scenario/{tasks}, told is {top}"


# net/core/sock.c: __sock_set_rcvbuf() doubles what tests/vm/drop/rcvbuf.sh asks for.  Kernels of
# before let a packet in while there is any room; its skb takes 1280 bytes.
RCVBUF, PACKET = 2 * 6000, 1280


def check_queue(row, kind, kernel):
    """How full the queue was, where events show it; of a socket once it is known whose it is."""
    fill = (row["queue"] or {}).get({"rcvbuf": "socket", "tbf": "qdisc"}.get(kind.name, "backlog"))
    if kind.name == "rcvbuf" and (fill or kernel >= SOCKET_SINCE):
        if not fill or not fill["limit_min"] == fill["limit_max"] == RCVBUF or \
                not RCVBUF - PACKET < fill["used_min"] <= fill["used_max"] < RCVBUF + PACKET:
            yield f"{row['location']}: the queue of the socket is {fill}"
    elif kind.name in ("tbf", "backlog") and fill and not 0 < fill["used_min"] <= fill["used_max"]:
        yield f"{row['location']}: nothing was in the queue that was full: {fill}"


def differences(told, kinds, kernel):
    """Sentences."""
    claimed, total = set(), 0
    for kind in kinds:
        for losses in groups(kind, kernel):
            number = sum(kind.lost(loss)[1] for loss in losses)
            rows = [index for index, row in enumerate(told["drops"])
                    if is_of(row, kind, losses[0], kernel)]
            claimed.update(rows)
            total += number
            names = kind.name + " " + "+".join(loss.name for loss in losses)
            count = sum(told["drops"][index]["count"] for index in rows)
            if count != number:
                yield f"drops: {names}: {count} in rows, not {number}"
            for row in (told["drops"][index] for index in rows):
                if not re.fullmatch(losses[0].kind, row["class"]):
                    yield f"drops: {names} is {row['class']}, not {losses[0].kind}"
                if not row["advice"] or not row["source"]:
                    yield f"drops: {names}: no advice, or no source of it"
                wrong = [] if losses[0].unseen else check_flows(row, losses, kind)
                for what in [*wrong, *check_owner(row, losses, kind, kernel),
                             *check_queue(row, kind, kernel)]:
                    yield f"drops: {names}: {what}"
    for index, row in enumerate(told["drops"]):
        if index not in claimed:
            yield f"drops: a row of what was not lost: {row['count']} for {row['reason']} at " \
                f"{row['location']}, {row['class']}, {row['dev']}"
    if told["dropped"] != total:
        yield f"drops: {told['dropped']} in all, not {total}"


def added_up(lines):
    """Rows of all intervals by what tells them apart."""
    found = collections.Counter()
    for line in lines:
        for row in line["drops"]:
            found[row["reason"], row["location"], row["class"], row["dev"]] += row["count"]
    return found


def live_differences(lines, kinds, kernel):
    """Of what was shown while it happened: the total is right, and the intervals add up to it."""
    total = [line for line in lines if line["type"] == "total"]
    if len(total) != 1 or lines[-1] is not total[0]:
        return [f"live: {len(total)} totals"]
    wrong = [f"live {what}" for what in differences(total[0], kinds, kernel)]
    if added_up(lines[:-1]) != added_up(total):
        wrong.append(f"live: the intervals do not add up to the total: "
                     f"{added_up(lines[:-1]) - added_up(total)} more, "
                     f"{added_up(total) - added_up(lines[:-1])} less")
    return wrong
