# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# tbf - a token bucket of 100 kbit/s holds packets back, and drops what does not fit
network()
{
	veth_pair
	tc -n a qdisc add dev va root tbf rate 100kbit burst 3kb limit 8kb
}

needs()
{
	module sch_tbf
}

listen()
{
	receive udp b udp $b 6000
}

traffic()
{
	send udp a -n 20 -b 1000 udp $b 6000
	sleep 1.5
}

own_counters()
{
	tc -n a -s qdisc show dev va >"$dir/tc.a.$1"
}
