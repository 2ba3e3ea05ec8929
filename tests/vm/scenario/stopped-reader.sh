# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# stopped-reader - the reader is stopped for 200 ms: its data wait in the socket
network()
{
	veth_pair
}

listen()
{
	receive udp b udp $b 6000
}

traffic()
{
	pause udp
	send udp a -n 3 -b 100 -g 5 udp $b 6000
	sleep 0.2
	resume udp
}
