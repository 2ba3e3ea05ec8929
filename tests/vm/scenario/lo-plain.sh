# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# lo-plain - datagrams and a stream over the loopback device
network()
{
	loopback
}

listen()
{
	receive udp b udp $b 6000
	receive tcp b tcp $b 6001
}

traffic()
{
	in_b ping -q -c 3 -i 0.05 $b
	send udp b -n 20 -b 100 -g 5 udp $b 6000
	send tcp b -n 3 -b 20000 -g 5 tcp $b 6001
}
