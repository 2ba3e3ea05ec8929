# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# bridge - the receiver has a bridge with one port
network()
{
	veth_without_addresses
	ip -n b link add br0 type bridge
	ip -n b link set vb master br0
	ip -n b link set br0 up
	addresses va br0
}

needs()
{
	module bridge
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
