# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# udp-full - the socket's buffer is full while its reader sleeps
network()
{
	veth_pair
}

listen()
{
	receive full b -r 6000 -b 2048 udp $b 6000
}

traffic()
{
	pause full
	send full a -n 12 -b 500 -g 10 udp $b 6000
	resume full
}
