# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# nic-bulk - a stream of 400 kB over two NICs: full poll windows, GRO, ksoftirqd
network()
{
	two_nics
}

listen()
{
	receive tcp b tcp $b 6001
}

traffic()
{
	send tcp a -n 8 -b 50000 tcp $b 6001
}
