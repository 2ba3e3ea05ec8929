# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# nic-plain - datagrams, datagrams back to back, and a stream over two NICs: interrupts, GRO
network()
{
	two_nics
}

listen()
{
	receive udp b udp $b 6000
	receive burst b udp $b 6002
	receive tcp b tcp $b 6001
}

traffic()
{
	in_a ping -q -c 3 -i 0.05 $b
	send udp a -n 20 -b 100 -g 5 udp $b 6000
	send burst a -n 40 -b 300 udp $b 6002
	send tcp a -n 4 -b 10000 -g 5 tcp $b 6001
}
