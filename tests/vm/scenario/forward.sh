# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# forward - a third namespace routes between the two
network()
{
	two_namespaces
	ip netns add r
	ip netns exec r sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	for side in a b; do
		ip -n $side link add v$side type veth peer name r$side netns r
		ip -n r link set r$side addrgenmode none
		ip -n $side link set v$side addrgenmode none
		ip -n r link set r$side up
		ip -n $side link set v$side up
	done
	ip -n a addr add 10.88.0.1/24 dev va
	ip -n r addr add 10.88.0.254/24 dev ra
	ip -n b addr add 10.88.1.2/24 dev vb
	ip -n r addr add 10.88.1.254/24 dev rb
	ip -n a route add default via 10.88.0.254
	ip -n b route add default via 10.88.1.254
	b=10.88.1.2
	until_true in_a ping -c 1 -W 1 $b
}

listen()
{
	receive udp b udp $b 6000
	receive tcp b tcp $b 6001
}

traffic()
{
	send udp a -n 10 -b 100 -g 5 udp $b 6000
	send tcp a -n 5 -b 3000 -g 5 tcp $b 6001
}
