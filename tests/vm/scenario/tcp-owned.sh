# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# tcp-owned - segments come while their reader is inside recv: the socket's backlog
network()
{
	veth_pair
}

listen()
{
	receive owned b -k 1 -a -b 300000 tcp $b 6001
}

traffic()
{
	send owned a -k 0 -n 30 -b 10000 tcp $b 6001
}
