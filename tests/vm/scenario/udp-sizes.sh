# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# udp-sizes - nonlinear datagrams over loopback, fragmented ones over veth
network()
{
	veth_pair
}

listen()
{
	receive small b udp $b 6000
	receive big b udp 127.0.0.1 6010
}

traffic()
{
	send big b -n 5 -b 20000 -g 10 udp 127.0.0.1 6010
	send fragments a -n 5 -b 5000 -g 10 udp $b 6000
}
