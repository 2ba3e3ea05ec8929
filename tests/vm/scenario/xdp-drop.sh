# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# xdp-drop - a program of two instructions drops all that the device receives
network()
{
	veth_pair
	mkdir -p /sys/fs/bpf
	mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
	rm -f /sys/fs/bpf/xdp-drop
	"$scenario" xdp-drop /sys/fs/bpf/xdp-drop
	# ip netns exec mounts a /sys of its own, without the pinned program.
	nsenter --net=/run/netns/b ip link set vb xdp pinned /sys/fs/bpf/xdp-drop
}

listen()
{
	receive udp b udp $b 6000
}

traffic()
{
	send dropped a -n 5 -b 100 -g 5 udp $b 6000
}
