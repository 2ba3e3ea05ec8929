# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# xdp - a program of two instructions drops all that the device receives
network()
{
	pair 22
	mkdir -p /sys/fs/bpf
	mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
	rm -f /sys/fs/bpf/drops
	# shellcheck disable=SC2154
	"$scenario" xdp-drop /sys/fs/bpf/drops
	in_b ip link set "vb$kind" xdp pinned /sys/fs/bpf/drops
}

traffic()
{
	send dropped a -n 13 -b 100 -g 2 udp $b 6000
}
