# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# closed - nobody listens on the port: 7 datagrams and 5 SYNs
network()
{
	pair 10
}

traffic()
{
	send closed a -n 7 -b 100 -g 2 udp $b 6999
	connect closed -n 5 -d 6999 -w 100
}
