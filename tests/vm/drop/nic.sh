# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# nic - 200 frames reach a NIC of 64 receive descriptors while softirqs are off
#
# Of QEMU's NICs the RTL8139 loses them then, as hardware does, and counts them; e1000e and virtio
# keep them until there is room (their receive function returns 0 and QEMU queues up to 10000).
# pktgen sends one burst with softirqs off, and both NICs interrupt the same CPU: so the ring is not
# emptied before all have been sent.
network()
{
	a=10.89.25.1 b=10.89.25.2
	mac_a=52:54:00:00:00:10 mac_b=52:54:00:00:00:11
	ip link set "$(realtek | sed -n 1p)" netns a name "va$kind"
	ip link set "$(realtek | head -n 1)" netns b name "vb$kind"
	ip -n a -batch - <<-EOC
		link set va$kind addrgenmode none
		addr add $a/24 dev va$kind
		link set va$kind up
		neigh add $b lladdr $mac_b dev va$kind nud permanent
	EOC
	ip -n b -batch - <<-EOC
		link set vb$kind addrgenmode none
		addr add $b/24 dev vb$kind
		link set vb$kind up
	EOC
	until_true in_a ping -c 1 -W 1 $b
	for irq in $(sed -n "s/^ *\([0-9]*\):.*v[ab]$kind\$/\1/p" /proc/interrupts); do
		echo 1 >"/proc/irq/$irq/smp_affinity"
	done
}

# In the order of their slots.
realtek()
{
	for device in $(find /sys/bus/pci/drivers/8139cp/*/net/* -maxdepth 0 | sort); do
		basename "$device"
	done
}

needs()
{
	modprobe -a 8139cp pktgen 2>/dev/null || { echo 'no modules 8139cp, pktgen'; return 1; }
	[ "$(realtek | wc -l)" = 2 ] || { echo 'the guest has no two RTL8139'; return 1; }
}

listen()
{
	# The others of the burst wait for the program that reads, which may be slow.
	sysctl -q -w net.core.rmem_default=4194304
	receive ring b udp $b 6000
}

pktgen()
{
	in_a sh -c "while read -r line; do echo \"\$line\" >/proc/net/pktgen/$1; done"
}

traffic()
{
	echo "add_device va$kind" | pktgen kpktgend_0
	pktgen "va$kind" <<-EOP
		count 200
		pkt_size 100
		burst 200
		dst $b
		src_min $a
		src_max $a
		dst_mac $mac_b
		udp_src_min 40000
		udp_src_max 40000
		udp_dst_min 6000
		udp_dst_max 6000
	EOP
	echo start | pktgen pgctrl
	in_a cat "/proc/net/pktgen/va$kind" >"$dir/pktgen.ring"
	echo rem_device_all | pktgen kpktgend_0
}

own_counters()
{
	in_b ethtool -S "vb$kind" >"$dir/ethtool.$1"
}
