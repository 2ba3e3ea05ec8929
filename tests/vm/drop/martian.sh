# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# martian - 4 packets from 127.0.0.1, and 9 from where the device does not lead
network()
{
	pair 17
	set_b "ipv4/conf/vb$kind/rp_filter" 1
}

traffic()
{
	frames loopback -n 4 -b 50 -S 127.0.0.1
	frames reverse -n 9 -b 50 -S 10.250.9.9
}

own_counters()
{
	cat /proc/net/stat/rt_cache >"$dir/rt_cache.$1"
}
