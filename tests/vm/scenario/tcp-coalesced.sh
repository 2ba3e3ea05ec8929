# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# tcp-coalesced - ten small segments are one skb when their reader wakes up
network()
{
	veth_pair
}

listen()
{
	receive late b -w 400 tcp $b 6001
	receive lo b -w 400 tcp 127.0.0.1 6002
}

traffic()
{
	send late a -n 10 -b 500 -g 5 tcp $b 6001
	send lo b -n 10 -b 500 -g 5 tcp 127.0.0.1 6002
}
