# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# udp-readers - the ways to read a datagram: PEEK, a small buffer, each system call, two threads
network()
{
	veth_pair
}

listen()
{
	receive peek b -p udp $b 6000
	receive short b -b 40 udp $b 6010
	receive recvmsg b -c recvmsg udp $b 6011
	receive recvmmsg b -c recvmmsg udp $b 6012
	receive read b -c read udp $b 6013
	receive epoll b -e udp $b 6014
	receive threads b -j 2 udp $b 6015
}

traffic()
{
	pause recvmmsg
	send recvmmsg a -n 6 -b 100 udp $b 6012
	resume recvmmsg
	for port in 6000 6010 6011 6013 6014 6015; do
		send $port a -n 5 -b 100 -g 3 udp $b $port
	done
}
