# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# vlan - a VLAN on each end of a veth pair
network()
{
	veth_without_addresses
	ip -n a link add link va name va.7 type vlan id 7
	ip -n b link add link vb name vb.7 type vlan id 7
	addresses va.7 vb.7
}

needs()
{
	module 8021q
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
