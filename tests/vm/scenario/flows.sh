# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# flows - UDP, TCP and ICMP over IPv4 and IPv6, plain, in a VLAN and in a VXLAN, from each of two
# NICs to the other at the same time
#
# Each NIC has 10.88.NET.N and fd88:0:0:NET::N: N is 1 or 2, NET is 0 for the NIC itself, 10 for the
# VLAN and 20 for the VXLAN.  Each frame that tcpdump sees is one of the wire.
# shellcheck disable=SC2034
tap_a='-i nic0' tap_b='-i nic1'
# Ethernet, IPv4, UDP, VXLAN, Ethernet, IPv6, TCP: 124 bytes.
record_options='--snap 128'
gro=off

needs()
{
	module 8021q && module vxlan
}

# end NAMESPACE NIC N OTHER
end()
{
	# It comes back late from the namespace of the scenario before.
	until_true ip link set "$2" netns "$1"
	ip -n "$1" -batch - <<-EOC
		addr add 10.88.0.$3/24 dev $2
		link add $2.10 link $2 type vlan id 10
		link add $2.20 type vxlan id 20 remote 10.88.0.$4 dstport 4789 dev $2
	EOC
	for dev in "$2" "$2.10" "$2.20"; do
		in_namespace "$1" ethtool -K "$dev" tso off gso off gro $gro >/dev/null
		net=${dev#"$2"}
		net=${net#.}
		[ -z "$net" ] || echo "addr add 10.88.$net.$3/24 dev $dev"
		echo "addr add fd88:0:0:${net:-0}::$3/64 dev $dev nodad"
		echo "link set $dev addrgenmode none"
		echo "link set $dev up"
	done | ip -n "$1" -batch -
}

network()
{
	two_namespaces
	end a nic0 1 2
	end b nic1 2 1
	for net in 0 10 20; do
		until_true in_a ping -c 1 -W 1 10.88.$net.2
		until_true in_a ping -c 1 -W 1 fd88:0:0:$net::2
	done
}

# reader NAME NAMESPACE MODE [options] ADDRESS PORT: in the background, until the end
reader()
{
	program=$1 ns=$2 mode=$3
	shift 3
	nsenter --net="/run/netns/$ns" "$traffic" "$mode" -T 300 -o "$dir/recv.$program.jsonl" \
		"$@" &
	echo $! >"$dir/pid.$program"
}

# In b a socket of IPv6 reads what comes over IPv4, too.
listen()
{
	for ns in a b; do
		stat -Lc %i /run/netns/$ns >"$dir/netns.$ns"
		for family in 4 6; do
			[ $ns$family = a4 ] && any=0.0.0.0 || any=::
			reader udp.$ns$family $ns udp-recv $any ${family}000
			reader udp-answer.$ns$family $ns udp-recv -a $any ${family}001
			reader tcp-odd.$ns$family $ns tcp-recv -b 777 $any ${family}002
			reader tcp-slow.$ns$family $ns tcp-recv -b 7777 -g 30000 $any ${family}003
			reader tcp-answer.$ns$family $ns tcp-recv -a $any ${family}004
		done
	done
	for pid in "$dir"/pid.*; do
		until_true test -s "$dir/recv.${pid##*/pid.}.jsonl"
	done
}

# exchange NAMESPACE ADDRESS FAMILY: datagrams that fit, that are fragments, that are answered;
# streams of small writes, of large ones, and that are answered
exchange()
{
	ns=$1 to=$2 family=$3
	in_namespace "$ns" ping -q -c 3 -i 0.05 -s "$family$family" "$to" >/dev/null
	in_namespace "$ns" "$traffic" udp-send -n 12 -b 10 -s 120 "$to" "${family}000"
	in_namespace "$ns" "$traffic" udp-send -n 2 -b 4000 -s 10 "$to" "${family}000"
	in_namespace "$ns" "$traffic" udp-send -a -n 5 -b 20 -s 200 "$to" "${family}001"
	in_namespace "$ns" "$traffic" tcp-send -n 1 -b 3000 -w 37 "$to" "${family}002"
	in_namespace "$ns" "$traffic" tcp-send -n 2 -b 40001 -s 5000 "$to" "${family}002"
	in_namespace "$ns" "$traffic" tcp-send -n 1 -b 50003 "$to" "${family}003"
	in_namespace "$ns" "$traffic" tcp-send -a -n 1 -b 5000 -w 250 "$to" "${family}004"
}

# exchanges NAMESPACE N: with the other end's addresses
exchanges()
{
	for net in 0 10 20; do
		exchange "$1" 10.88.$net."$2" 4
		exchange "$1" fd88:0:0:$net::"$2" 6
	done
}

traffic()
{
	exchanges b 1 >"$dir/send.b.jsonl" &
	other=$!
	exchanges a 2 >"$dir/send.a.jsonl"
	wait $other
}
