# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# tbf - a token bucket holds packets back and drops what does not fit
network()
{
	pair 21
	tc -n a qdisc add dev "va$kind" root tbf rate 64kbit burst 2kb limit 4kb
}

needs()
{
	module sch_tbf
}

listen()
{
	receive slow b udp $b 6000
}

traffic()
{
	send slow a -n 30 -b 1000 udp $b 6000
	sleep 1
}

own_counters()
{
	tc -n a -s qdisc show dev "va$kind" >"$dir/tc.$1"
}
