# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# tcp-unread - the reader closes while data are queued: they are purged
network()
{
	veth_pair
}

listen()
{
	receive unread b -w 200 -b 1000 -n 1 tcp $b 6001
	receive udp b -n 2 udp $b 6002
}

traffic()
{
	pause udp
	send udp a -n 5 -b 100 udp $b 6002
	resume udp
	send unread a -n 5 -b 1000 -g 5 tcp $b 6001
	sleep 0.3
}
