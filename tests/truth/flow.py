# SPDX-License-Identifier: GPL-2.0-or-later
"""flow.py - bytes of an Ethernet frame -> who the packet is: VLAN, flow, tunnel, place in a stream

Written from the RFCs and not from skbtrail's parser, which is held against it."""

import ipaddress
import struct

IPV4, IPV6, VLAN = 0x0800, 0x86dd, 0x8100
HOP_OPTIONS, FRAGMENT = 0, 44
NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
VXLAN_PORT = 4789
SYN = 2


class Ip:
    """An IP packet: its @flow (proto, src, sport, dst, dport), @ipid of IPv4, @fragment (its id
    and its place) or None, and of TCP @seq, @size of the payload and @flags; of VXLAN the Ethernet
    frame that it @carried, with so many bytes @before."""

    def __init__(self, ether, data):
        self.seq = self.flags = self.ipid = self.fragment = None
        self.family = 4 if ether == IPV4 else 6
        inner = self.parse_ipv4(data) if ether == IPV4 else self.parse_ipv6(data)
        self.proto = NAMES.get(self.protocol, str(self.protocol))
        self.sport = self.dport = self.carried = None
        if self.proto in ("tcp", "udp") and not (self.fragment and self.fragment[1]):
            self.sport, self.dport = struct.unpack(">HH", inner[:4])
            self.size -= 8 if self.proto == "udp" else (inner[12] >> 4) * 4
            if self.proto == "tcp":
                self.seq, self.flags = struct.unpack(">I", inner[4:8])[0], inner[13]
            elif self.dport == VXLAN_PORT:
                self.carried, self.before = inner[16:], len(data) - len(inner) + 16

    def parse_ipv4(self, data):
        header = (data[0] & 15) * 4
        total, self.ipid, fragment = struct.unpack(">HHH", data[2:8])
        self.protocol, self.size = data[9], total - header
        if fragment & 0x3fff:
            self.fragment = self.ipid, (fragment & 0x1fff) * 8
        self.src, self.dst = (str(ipaddress.ip_address(data[at:at + 4])) for at in (12, 16))
        return data[header:]

    def parse_ipv6(self, data):
        self.size, self.protocol = struct.unpack(">HB", data[4:7])
        self.src, self.dst = (str(ipaddress.ip_address(data[at:at + 16])) for at in (8, 24))
        at = 40
        while self.protocol in (HOP_OPTIONS, FRAGMENT):
            size = 8
            if self.protocol == FRAGMENT:
                place, number = struct.unpack(">HI", data[at + 2:at + 8])
                self.fragment = number, place & 0xfff8
            else:
                size += data[at + 1] * 8
            self.protocol = data[at]
            at += size
            self.size -= size
        return data[at:]

    @property
    def flow(self):
        return self.proto, self.src, self.sport, self.dst, self.dport

    @property
    def stream(self):
        return self.src, self.sport, self.dst, self.dport


class Frame:
    """@time_ns of the wall clock, @outgoing, @length from the network header on, with padding,
    @vlan or None, @ip: None of what is no IP, and @inner: what VXLAN carries, or None."""

    def __init__(self, time_ns, data, length, own_mac):
        self.time_ns, self.outgoing = time_ns, data[6:12] == own_mac
        self.vlan = self.ip = self.inner = None
        ether, at = struct.unpack(">H", data[12:14])[0], 14
        if ether == VLAN:
            self.vlan, ether = struct.unpack(">HH", data[14:18])
            self.vlan &= 0xfff
            at = 18
        self.length = length - at
        if ether not in (IPV4, IPV6):
            return
        self.ip = Ip(ether, data[at:])
        if self.ip.carried:
            ether = struct.unpack(">H", self.ip.carried[12:14])[0]
            if ether in (IPV4, IPV6):
                self.inner = Ip(ether, self.ip.carried[14:])

    @property
    def carried_length(self):
        """Of what VXLAN carries, from its network header on."""
        return self.length - self.ip.before - 14

    @property
    def last(self):
        """The IP packet that a program sent."""
        return self.inner or self.ip

    def __str__(self):
        if not self.ip:
            return f"no IP, of {self.length} bytes"
        ip = self.last
        where = f" in VLAN {self.vlan}" if self.vlan is not None else ""
        where += f" in {self.ip.src} > {self.ip.dst}" if self.inner else ""
        seq = f" seq {ip.seq}" if ip.seq is not None else ""
        return (f"{ip.proto} {ip.src}:{ip.sport} > {ip.dst}:{ip.dport}{seq}{where} of "
                f"{self.length} bytes")
