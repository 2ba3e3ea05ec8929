# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# veth-plain - datagrams of 10 lengths and two streams over a veth pair; pings
network()
{
	veth_pair
}

listen()
{
	receive udp b udp $b 6000
	receive tcp b tcp $b 6001
}

traffic()
{
	in_a ping -q -c 3 -i 0.05 $b
	send udp a -n 20 -b 100 -g 5 udp $b 6000
	send tcp1 a -n 1 -b 20000 tcp $b 6001
	send tcp2 a -n 20 -b 1000 -g 2 tcp $b 6001
}
