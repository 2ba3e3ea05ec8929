# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# rps - packets are handed to the other CPU's backlog
network()
{
	veth_pair
	ip netns exec b sh -c 'echo 1 >/sys/class/net/vb/queues/rx-0/rps_cpus'
}

needs()
{
	[ "$(nproc)" -gt 1 ] || { echo 'one CPU'; return 1; }
}

listen()
{
	receive udp b udp $b 6000
	receive tcp b tcp $b 6001
}

traffic()
{
	send udp a -k 1 -n 20 -b 100 -g 5 udp $b 6000
	send tcp a -k 1 -n 10 -b 3000 -g 2 tcp $b 6001
}
