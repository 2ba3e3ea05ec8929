# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# tun - the device's ring has room for 8 packets, and who should read them does not
network()
{
	a=10.89.23.1 b=10.89.23.2
	module tun
	hold ring a tun -i "vatun"
	ip -n a -batch - <<-EOC
		link set vatun addrgenmode none
		link set vatun txqueuelen 8
		addr add $a peer $b dev vatun
		link set vatun up
	EOC
	# Newer kernels stop a queueing discipline instead.
	tc -n a qdisc replace dev vatun root noqueue
}

needs()
{
	module tun
}

traffic()
{
	send ring a -n 20 -b 100 udp $b 6000
}
