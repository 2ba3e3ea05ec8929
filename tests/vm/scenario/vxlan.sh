# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# vxlan - a tunnel over a veth pair: each packet passes the stack twice
network()
{
	veth_without_addresses
	ip -n a addr add 10.89.0.1/24 dev va
	ip -n b addr add 10.89.0.2/24 dev vb
	ip -n a link add xa type vxlan id 7 remote 10.89.0.2 dstport 4789 dev va
	ip -n b link add xb type vxlan id 7 remote 10.89.0.1 dstport 4789 dev vb
	addresses xa xb
}

needs()
{
	module vxlan
}

listen()
{
	receive udp b udp $b 6000
	receive tcp b tcp $b 6001
}

traffic()
{
	send udp a -n 10 -b 100 -g 5 udp $b 6000
	send tcp a -n 5 -b 3000 -g 5 tcp $b 6001
}
