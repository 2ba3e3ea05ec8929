# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# cpu-hog - the sender, of real-time priority, keeps the reader's CPU to itself for 200 ms
network()
{
	veth_pair
}

needs()
{
	[ "$(nproc)" -gt 1 ] || { echo 'one CPU'; return 1; }
}

listen()
{
	receive udp b -k 1 udp $b 6000
}

traffic()
{
	send udp a -f 200 -k 1 -n 3 -b 100 udp $b 6000
}
