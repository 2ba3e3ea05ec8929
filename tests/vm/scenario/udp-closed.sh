# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# udp-closed - nobody listens: dropped, and told by ICMP
network()
{
	veth_pair
}

traffic()
{
	send closed a -n 5 -b 100 -g 20 udp $b 6999
}
