# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# udp-gso - one call sends six datagrams of 500 bytes: one wakeup, six reads
network()
{
	veth_pair
}

listen()
{
	receive gso b udp $b 6000
}

traffic()
{
	send gso a -n 5 -b 3000 -s 500 -g 10 udp $b 6000
}
