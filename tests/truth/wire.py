# SPDX-License-Identifier: GPL-2.0-or-later
"""wire.py - a file of `tcpdump -i any -y LINUX_SLL2` -> the frames of each device, in and out"""

import json
import struct

import pcap

SLL2, OUTGOING = 276, 4
ICMP, TCP, UDP = 1, 6, 17
IPV4, VLAN, IPV6 = 0x0800, 0x8100, 0x86dd
SYN, RST, FIN = 2, 4, 1


class Frame:
    """@time_ns on the wall clock; @ether type; @length from the network header on; of IPv4 the
    protocol, ports, fragment, and what the content says: a datagram's number, a segment's place."""

    def __init__(self, time_ns, data, length):
        ether, self.ifindex = struct.unpack(">H2xI", data[:8])
        self.time_ns, self.outgoing = time_ns, data[10] == OUTGOING
        self.length, data = length - 20, data[20:]
        if ether == VLAN:
            ether, data = struct.unpack(">H", data[2:4])[0], data[4:]
            self.length -= 4
        self.ether = ether
        self.protocol = self.sport = self.dport = self.icmp = self.number = self.seq = None
        self.flags = self.size = self.offset = 0
        self.more, self.ipid = False, None
        if ether == IPV4:
            self.parse_ip(data)

    def parse_ip(self, data):
        header = (data[0] & 15) * 4
        total, self.ipid, fragment = struct.unpack(">HHH", data[2:8])
        self.protocol = data[9]
        self.offset, self.more = (fragment & 0x1fff) * 8, bool(fragment & 0x2000)
        # A packet of more than 64 KiB has 0 there.
        self.size = (total or self.length) - header
        if self.offset:
            return
        inner = data[header:]
        if self.protocol == ICMP:
            self.icmp = inner[0]
        elif self.protocol == UDP:
            self.sport, self.dport = struct.unpack(">HH", inner[:4])
            self.size -= 8
            digits = inner[8:14]
            self.number = int(digits) if digits.isdigit() else None
        elif self.protocol == TCP:
            self.sport, self.dport, self.seq = struct.unpack(">HHI", inner[:8])
            self.flags = inner[13]
            self.size -= (inner[12] >> 4) * 4

    def __str__(self):
        kind = {ICMP: f"icmp {self.icmp}", TCP: "tcp", UDP: "udp"}.get(self.protocol, "other")
        ports = f" {self.sport} > {self.dport}" if self.sport is not None else ""
        place = f" number {self.number}" if self.number is not None else ""
        return f"{kind}{ports}{place} of {self.length} bytes"


def read(path):
    return [Frame(*record) for record in pcap.records(path, SLL2)]


def devices(path):
    """Names of the devices by their number."""
    with open(path, encoding="utf-8") as file:
        return {link["ifindex"]: link["ifname"] for link in json.load(file)}
