#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# workload.sh - traffic of known content between nic0 and nic1, recorded -> the capture and the
# truth about it (tests/truth/truth reads both)
#
#	workload.sh BUILD OUTDIR [skbtrail|no-probes|trace-cmd]
#
# Runs in the guest of vmrun.  nic1 is in a namespace of its own, so that the kernel has to send
# what goes from one to the other over the wire.  10 pings, 50 numbered datagrams of 6 to 986
# bytes, 5 datagrams to a port that nobody listens on, 5 that a filter drops, and 5 streams of
# 20000 bytes.
set -eu

traffic=$1/tests/traffic skbtrail=$1/cmd/skbtrail out=$2 recorder=${3:-skbtrail}
here=192.168.77.1 there=192.168.77.2
# On the guest's own memory: the shares are slow, and their traffic would be in the capture.
dir=$(mktemp -d)

peer()
{
	ip netns exec peer "$@"
}

# Waits up to 10 seconds for a command to succeed.
until_true()
{
	for _ in $(seq 50); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	echo "workload: gave up waiting for: $*" >&2
	exit 1
}

connect()
{
	ip netns add peer
	ip link set nic1 netns peer
	ip addr add $here/24 dev nic0
	ip -n peer addr add $there/24 dev nic1
	# Frames on the wire are then those of the capture, one by one.
	ethtool -K nic0 tso off gso off >/dev/null
	peer ethtool -K nic1 tso off gso off >/dev/null
	ip link set nic0 up
	ip -n peer link set nic1 up
	ip -n peer link set lo up
	until_true ping -c 1 -W 1 $there
}

filter()
{
	modprobe -a nf_tables nft_counter 2>/dev/null || :
	peer nft -f - <<-EOF
		table inet workload {
			chain input {
				type filter hook input priority 0;
				udp dport 6666 drop
			}
		}
	EOF
}

listen()
{
	peer "$traffic" udp-recv -T 120 -o "$dir/truth.udp.jsonl" $there 6000 &
	receivers=$!
	peer "$traffic" tcp-recv -T 120 -o "$dir/truth.tcp.jsonl" $there 6001 &
	receivers="$receivers $!"
	peer tcpdump -i nic1 -U --time-stamp-precision=nano -w "$dir/truth.pcap" 2>"$dir/tcpdump" &
	tcpdump=$!
	until_true grep -q listening "$dir/tcpdump"
	until_true sh -c 'ip netns exec peer ss -Hlun | grep :6000'
	until_true sh -c 'ip netns exec peer ss -Hltn | grep :6001'
	# Router solicitations of the new links pass before the recording.
	sleep 2
}

# What runs under the recorder.
write_work()
{
	cat >"$dir/work" <<-EOF
		set -e
		ping -q -c 10 -i 0.05 $there
		$traffic udp-send -o $dir/tx.1 -n 50 -b 6 -s 20 -g 5000 $there 6000
		$traffic udp-send -o $dir/tx.2 -n 5 -b 10 -g 10000 -k closed $there 6999
		$traffic udp-send -o $dir/tx.3 -n 5 -b 10 -g 10000 -k filtered $there 6666
		$traffic tcp-send -o $dir/tx.4 -n 5 -b 20000 $there 6001
		sleep 0.3
	EOF
}

record()
{
	case $recorder in
	skbtrail)
		"$skbtrail" record -o "$dir/mixed.dat" -- sh "$dir/work"
		;;
	no-probes)
		"$skbtrail" record --no-probes -o "$dir/mixed.dat" -- sh "$dir/work"
		;;
	trace-cmd)
		events=
		for event in irq napi net skb sock tcp udp qdisc \
			sched_switch sched_wakeup sched_waking \
			syscalls:sys_enter_recvfrom syscalls:sys_exit_recvfrom \
			syscalls:sys_enter_sendto syscalls:sys_exit_sendto; do
			events="$events -e $event"
		done
		trace-cmd record -q -C mono -b 20000 -o "$dir/mixed.dat" $events sh "$dir/work"
		;;
	esac
}

echo "workload: $(uname -r), recorded by $recorder"
connect
filter
listen
"$traffic" clock >"$dir/truth.clock.json"
write_work
record
kill $tcpdump
wait $tcpdump 2>/dev/null || :
kill $receivers
# The NIC comes back from its namespace when nobody is left there.
ip netns pids peer | xargs -r kill
ip netns del peer
until_true ip link show nic1
ip addr flush dev nic0
cat "$dir"/tx.* >"$dir/truth.tx.jsonl"
cp "$dir"/mixed.dat "$dir"/truth.* "$out"
wc -l "$out"/truth.*.jsonl
