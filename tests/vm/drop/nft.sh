# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# nft - a filter drops one port of two
network()
{
	pair 11
	in_b nft -f - <<-EOR
		table inet drops {
			chain input {
				type filter hook input priority 0;
				udp dport 6666 counter drop
			}
		}
	EOR
}

needs()
{
	modprobe -a nf_tables nft_counter 2>/dev/null || :
	nft list tables >/dev/null 2>&1 || { echo 'no nf_tables'; return 1; }
}

listen()
{
	receive kept b udp $b 6000
}

traffic()
{
	send kept a -n 3 -b 100 -g 2 udp $b 6000
	send filtered a -n 11 -b 100 -g 2 udp $b 6666
}

own_counters()
{
	in_b nft -j list ruleset >"$dir/nft.$1"
}
