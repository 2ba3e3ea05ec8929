# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# rcvbuf - the socket's buffer is full while its reader sleeps
network()
{
	pair 12
}

listen()
{
	receive full b -r 6000 -b 2048 udp $b 6000
}

traffic()
{
	pause full
	send full a -n 24 -b 500 udp $b 6000
	resume full
}
