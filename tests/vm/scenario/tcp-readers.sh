# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# tcp-readers - the ways to read a stream: PEEK, in parts, MSG_TRUNC, splice, readv, epoll
network()
{
	veth_pair
}

listen()
{
	receive peek b -p tcp $b 6000
	receive parts b -b 300 tcp $b 6010
	receive trunc b -t tcp $b 6011
	receive splice b -c splice tcp $b 6012
	receive readv b -c readv tcp $b 6013
	receive epoll b -e tcp $b 6014
	receive read b -c read tcp $b 6015
}

traffic()
{
	for port in 6000 6010 6011 6012 6013 6014 6015; do
		send $port a -n 4 -b 2000 -g 3 tcp $b $port
	done
}
