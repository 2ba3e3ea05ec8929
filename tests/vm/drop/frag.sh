# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# frag - 6 datagrams of which only the first fragment comes, and 4 of which only the last does
network()
{
	pair 19
	set_b ipv4/ipfrag_time 1
}

traffic()
{
	frames first -n 6 -b 64 -f first
	frames last -n 4 -b 64 -f last -s 50000 -S 10.89.19.9
	sleep 1.6
}
