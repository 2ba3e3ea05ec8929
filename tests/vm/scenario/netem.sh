# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# netem - a quarter of the packets is lost in the queueing discipline, the others wait 10 ms
network()
{
	veth_pair
	tc -n a qdisc add dev va root netem loss 25% delay 10ms
}

needs()
{
	module sch_netem
}

listen()
{
	receive udp b udp $b 6000
	receive tcp b tcp $b 6001
}

traffic()
{
	send udp a -n 40 -b 100 -g 5 udp $b 6000
	send tcp a -n 10 -b 3000 -g 5 tcp $b 6001
}

own_counters()
{
	tc -n a -s qdisc show dev va >"$dir/tc.a.$1"
}
