# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# netem - half of the packets are lost in the queueing discipline
network()
{
	pair 20
	tc -n a qdisc add dev "va$kind" root netem loss 50%
}

needs()
{
	module sch_netem
}

listen()
{
	receive lossy b udp $b 6000
}

traffic()
{
	send lossy a -n 40 -b 100 udp $b 6000
}

own_counters()
{
	tc -n a -s qdisc show dev "va$kind" >"$dir/tc.$1"
}
