# SPDX-License-Identifier: GPL-2.0-or-later
"""schema.py - a line of `report --format=ndjson`, parsed -> what is wrong with it

Documentation/output-schema.md in the form of tables.  A later schema may add keys, so keys that are
not in a table are left alone; a key that is missing or of another type is an error."""

import re

DIRS = ("rx", "tx", "forward", "local")
FATES = ("delivered", "partial", "dropped", "sent", "consumed", "queued", "in-flight", "unknown")
STAGES = ("irq", "softirq", "poll", "gro", "backlog", "stack", "sockbacklog", "queue", "copy",
          "send", "qdisc", "driver", "complete")
CONFIDENCE = ("exact", "inferred", "ambiguous")


def number(value):
    return type(value) is int


def count(value):
    return number(value) and value >= 0


def text(value):
    return isinstance(value, str)


def name(value):
    return text(value) and value != ""


def address(value):
    return text(value) and re.fullmatch(r"0x[0-9a-f]+", value) is not None


def one_of(*values):
    return lambda value: value in values


def null_or(check):
    return lambda value: value is None or check(value)


def table(**keys):
    """An object with these keys; an error names the key by its path."""
    def errors(value, path):
        if not isinstance(value, dict):
            return [f"{path} is no object"]
        found = []
        for key, check in keys.items():
            where = f"{path}.{key}"
            if isinstance(check, LeftOut):
                if key not in value:
                    continue
                check = check.unless
            if key not in value:
                found.append(f"{where} is missing")
            elif hasattr(check, "errors"):
                found += check.errors(value[key], where)
            elif not check(value[key]):
                found.append(f"{where} is {value[key]!r}")
        return found
    return Table(errors)


class LeftOut:
    """A key that is there only when there is something to say."""
    def __init__(self, unless):
        self.unless = unless


class Table:
    def __init__(self, errors):
        self.errors = errors


def null_or_table(inner):
    return Table(lambda value, path: [] if value is None else inner.errors(value, path))


def list_of(inner):
    def errors(value, path):
        if not isinstance(value, list):
            return [f"{path} is no list"]
        return [error for i, item in enumerate(value)
                for error in inner.errors(item, f"{path}[{i}]")]
    return Table(errors)


def strings(value):
    return isinstance(value, list) and all(name(item) for item in value)


def counts_of(keys):
    """Some of these keys, each with a count."""
    def errors(value, path):
        if not isinstance(value, dict):
            return [f"{path} is no object"]
        return [f"{path}.{key} is {value[key]!r}" for key in value
                if key not in keys or not count(value[key])]
    return Table(errors)


FLOW = table(proto=name, src=name, sport=null_or(count), dst=name, dport=null_or(count))
SPAN = table(stage=one_of(*STAGES), start_ns=count, end_ns=count, cpu=count, pid=null_or(number),
             comm=null_or(text), confidence=one_of(*CONFIDENCE))
LINK = table(type=one_of("gro", "gso", "clone", "coalesce", "fragment", "forward"),
             role=one_of("head", "member", "parent", "child"), packet=count,
             confidence=one_of(*CONFIDENCE))
DROP = table(**{"reason": null_or(name), "location": null_or(name), "socket": null_or(address),
                "class": one_of("policy", "resource", "protocol", "benign", "unknown")})
POLL = table(napi=null_or(address), dev=null_or(name), work=null_or(count), budget=null_or(count),
             cause=null_or(name), irq=null_or(count), irq_name=null_or(name))
TUNNEL = table(type=one_of("vxlan", "gre", "ipip", "sit", "ip6tnl"), flow=null_or_table(FLOW))

LINE = {
    "capture": table(schema=one_of(1), file=name, kernel=null_or(name), cpus=count,
                     clock=null_or(name), start_ns=count, end_ns=count, events=count,
                     lost_events=count, lost_unknown=count, reader=name, capabilities=strings),
    "packet": table(id=count, skb=address, dir=one_of(*DIRS), dev=null_or(name),
                    ifindex=null_or(count), netns=null_or(count), len=null_or(count),
                    flow=null_or_table(FLOW), seq=null_or_table(table(start=number, end=number)),
                    ipid=null_or(count), start_ns=count, end_ns=count, fate=one_of(*FATES),
                    bytes_delivered=null_or(count), drop=null_or_table(DROP),
                    reader=null_or_table(table(pid=number, comm=null_or(text))),
                    poll=null_or_table(POLL), spans=list_of(SPAN), links=list_of(LINK),
                    vlan=LeftOut(count), tunnel=LeftOut(TUNNEL)),
    "summary": table(packets=table(**{key: count for key in DIRS}),
                     fates=counts_of(FATES),
                     complete=count, truncated_by_edge=count, truncated_by_loss=count),
}


def errors_of(line):
    kind = line.get("type") if isinstance(line, dict) else None
    if kind not in LINE:
        return [f"type is {kind!r}"]
    found = LINE[kind].errors(line, kind)
    if not found and kind == "packet" and (line["fate"] == "dropped") != bool(line["drop"]):
        found.append(f"packet.drop is {line['drop']!r} of a packet {line['fate']}")
    return found
