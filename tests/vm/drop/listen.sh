# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# listen - one connection fits into the queue of the socket that never accepts; then come 6 SYNs
network()
{
	pair 13
}

listen()
{
	hold queue b listen -D $b -d 6001 -n 0
}

traffic()
{
	connect fits -n 1 -d 6001 -w 100
	connect full -n 6 -d 6001 -w 100 -s 41000
}
