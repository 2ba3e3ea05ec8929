# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# cpu-hog - a real-time task keeps the reader's CPU to itself for 300 ms
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
	hog cpu 300 1 &
	until_true test -s "$dir/hog.cpu.jsonl"
	send udp a -k 0 -n 3 -b 100 -g 5 udp $b 6000
	wait
}
