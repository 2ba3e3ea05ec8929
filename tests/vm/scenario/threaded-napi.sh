# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# threaded-napi - the receiving device is polled by a task
network()
{
	veth_pair
	in_b ethtool -K vb gro on >/dev/null
	ip netns exec b sh -c 'echo 1 >/sys/class/net/vb/threaded'
}

needs()
{
	[ -e /sys/class/net/lo/threaded ] || { echo 'this kernel cannot'; return 1; }
}

listen()
{
	receive udp b udp $b 6000
	receive tcp b tcp $b 6001
}

traffic()
{
	send udp a -n 20 -b 100 -g 5 udp $b 6000
	send tcp a -n 10 -b 3000 -g 2 tcp $b 6001
}
