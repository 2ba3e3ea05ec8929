# SPDX-License-Identifier: GPL-2.0-or-later
"""pcap.py - a tcpdump file of Ethernet frames -> what the checks need to know of each frame

Microsecond and nanosecond stamps, the byte order of this machine."""

import struct

ETHERNET = 1
MAGIC = {0xa1b2c3d4: 1000, 0xa1b23c4d: 1}
ICMP, TCP, UDP = 1, 6, 17
ECHO_REPLY, ECHO_REQUEST = 0, 8


class Frame:
    """One frame: time (ns, wall clock), its bytes and their number on the wire, MAC addresses,
    @length from the network header on with padding, and of IPv4 the protocol, ports, header bytes
    and payload."""

    def __init__(self, time_ns, data, length):
        self.time_ns = time_ns
        self.data, self.len = data, length
        self.length = length - 14
        self.to_mac, self.from_mac = data[0:6], data[6:12]
        self.protocol = self.sport = self.dport = self.icmp = None
        self.headers, self.payload = 0, b""
        if data[12:14] == b"\x08\x00":
            self.parse_ip(data[14:])

    def parse_ip(self, data):
        ip_header = (data[0] & 15) * 4
        total = struct.unpack(">H", data[2:4])[0]
        self.protocol = data[9]
        inner = data[ip_header:]
        if self.protocol == ICMP:
            self.icmp = inner[0]
        if self.protocol in (TCP, UDP):
            self.sport, self.dport = struct.unpack(">HH", inner[:4])
            header = (inner[12] >> 4) * 4 if self.protocol == TCP else 8
            self.headers = ip_header + header
            self.payload = data[self.headers:total]

    def __str__(self):
        kind = {ICMP: f"icmp {self.icmp}", TCP: "tcp", UDP: "udp"}.get(self.protocol, "other")
        ports = f" {self.sport} > {self.dport}" if self.sport is not None else ""
        return f"{kind}{ports} of {self.length} bytes"


def records(path, kind=ETHERNET):
    """Of each frame its time, the bytes that were kept and its length; of this link type."""
    with open(path, "rb") as file:
        data = file.read()
    magic, found = struct.unpack("=I16xI", data[:24])
    if magic not in MAGIC or found != kind:
        raise ValueError(f"{path}: no pcap file of link type {kind} in this machine's byte order")
    at = 24
    while at + 16 <= len(data):
        seconds, part, kept, length = struct.unpack("=IIII", data[at:at + 16])
        at += 16
        yield seconds * 10**9 + part * MAGIC[magic], data[at:at + kept], length
        at += kept


def read(path):
    return [Frame(*record) for record in records(path)]
