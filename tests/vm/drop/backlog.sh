# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# backlog - 40 segments of one call enter the queue of the CPU at once, which has room for 6
#
# A device without segmentation gets all of them while softirqs are off.
network()
{
	pair 14
	in_a ethtool -K "va$kind" tso off gso off tx-udp-segmentation off >/dev/null
}

listen()
{
	receive segments b udp $b 6000
}

traffic()
{
	room=$(cat /proc/sys/net/core/netdev_max_backlog)
	echo 5 >/proc/sys/net/core/netdev_max_backlog
	send segments a -n 1 -b 4000 -s 100 udp $b 6000
	echo "$room" >/proc/sys/net/core/netdev_max_backlog
}

own_counters()
{
	cat /proc/net/softnet_stat >"$dir/softnet.$1"
}
