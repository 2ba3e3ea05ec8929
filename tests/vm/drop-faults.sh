#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drop-faults.sh - what is looked at goes away, comes again or begins anew while it is recorded: the
# recording goes on, and the counters say so
#
#	drop-faults.sh BUILD
#
# Runs in the guest of vmrun, as root of it.
set -eu

scenario=$1/tests/scenario skbtrail=$1/cmd/skbtrail
dir=$(mktemp -d)
status=0

fail()
{
	echo "drop-faults: $1" >&2
	status=1
}

send()
{
	"$scenario" send -N /run/netns/stays -n "$1" -b 100 udp "$2" 6999 >/dev/null
}

# grown TEXT NETNS SOURCE OBJECT COUNTER NUMBER: do the looks so far say so?  TEXT has them as
# lib/counters/carrier-write.c writes them.
grown()
{
	awk -v ns="=$2" -v source="$3" -v object="=$4" -v counter="$5" -v number="$6" '
		$1 == "netns" { nr_ns++; if ($2 == ns) at = nr_ns }
		$1 == "group" { if ($2 == at && $3 == source && index($5, object) == 1)
					group = nr_group + 0
				nr_group++ }
		$1 == "names" { for (i = 3; i <= NF; i++) name[$2, nr[$2]++] = $i }
		$1 == "like" { for (i = 0; i < nr[$3]; i++) name[$2, i] = name[$3, i]
			       nr[$2] = nr[$3] }
		$1 == "all" { for (i = 3; i <= NF; i++) take($2, i - 3, $i) }
		$1 == "v" { for (i = 3; i < NF; i += 2) take($2, $i, $(i + 1)) }
		function take(group, i, value) {
			if (!((group, i) in first))
				first[group, i] = value
			last[group, i] = value
		}
		END { for (i = 0; i < nr[group]; i++)
			if (name[group, i] == counter && last[group, i] - first[group, i] == number)
				exit 0
		      exit 1 }' "$1"
}

# A look is taken each second at most, and seldom where it takes long, as on a slow guest.
wait_for_look()
{
	tries=0
	until grown "$@"; do
		sleep 0.5
		tries=$((tries + 1))
		[ $tries -lt 400 ] || { echo "no look has seen $*"; exit 1; }
	done
}

# What is recorded.
if [ "${2:-}" = --traffic ]; then
	counters=$3/all.dat.part/counters
	send 10 10.90.1.2
	send 9 10.90.2.2
	wait_for_look "$counters" goes snmp '' UdpNoPorts 10
	wait_for_look "$counters" stays qdisc anew drops 9
	ip netns del goes
	ip -n stays link del vanishes
	ip -n stays link del again
	tc -n stays qdisc del dev anew root
	tc -n stays qdisc add dev anew root handle 1: netem loss 100%
	ip -n stays link add again type dummy
	send 4 10.90.2.2
	sleep 3
	send 5 127.0.0.1
	exit
fi

modprobe sch_netem 2>/dev/null || { echo 'drop-faults: no sch_netem'; exit 77; }
ip -batch - <<-EOC
	netns add stays
	netns add goes
EOC
ip -n stays -batch - <<-EOC
	link set lo up
	link add near type veth peer name far netns goes
	link add vanishes type dummy
	link add again type dummy
	link add anew type dummy
	link set near addrgenmode none
	link set vanishes addrgenmode none
	link set again addrgenmode none
	link set anew addrgenmode none
	addr add 10.90.1.1/24 dev near
	addr add 10.90.2.1/24 dev anew
	addr add 10.90.3.1/24 dev again
	link set near up
	link set anew up
	link set again up
	link set vanishes up
	neigh add 10.90.2.2 lladdr 02:00:00:00:00:02 dev anew nud permanent
EOC
ip -n goes -batch - <<-EOC
	link set far addrgenmode none
	addr add 10.90.1.2/24 dev far
	link set far up
EOC
tc -n stays qdisc add dev anew root handle 1: netem loss 100%
until send 1 10.90.1.2 && send 1 10.90.3.2; do sleep 0.1; done
sleep 0.5

"$skbtrail" record -o "$dir/all.dat" -- "$0" "$1" --traffic "$dir" \
	>"$dir/output" 2>&1 ||
	fail "record failed: $(cat "$dir/output")"
"$skbtrail" report --format=json "$dir/all.dat" >"$dir/report" 2>&1 ||
	fail "report failed: $(cat "$dir/report")"
"$skbtrail" counters --all --json "$dir/all.dat" >"$dir/counters" 2>"$dir/output" ||
	fail "counters failed: $(cat "$dir/output")"

# Rows of drops by place: 10 in the namespace that was removed, 5 behind that.
udp=$(tr '{' '\n' <"$dir/report" |
	awk -F '"count":' '/"location":"(__udp4_lib_rcv|udp_rcv)/ { n += $2 } END { print n + 0 }')
[ "$udp" = 15 ] || fail "15 datagrams were for closed ports, $udp are told"

# one GREP...: the counter that all of them match, one line
one()
{
	tr '{' '\n' <"$dir/counters" >"$dir/found"
	for text; do
		grep -F -e "$text" "$dir/found" >"$dir/some" || :
		mv "$dir/some" "$dir/found"
	done
	[ "$(wc -l <"$dir/found")" = 1 ] || fail "counters: not one of $*: $(cat "$dir/found")"
	cat "$dir/found"
}

grep -qF '"network namespace goes: removed meanwhile"' "$dir/counters" ||
	fail 'counters: not said that a network namespace was removed'
one '"netns":"goes"' '"source":"snmp"' '"name":"UdpNoPorts"' |
	grep -q '"growth":10,.*"gone":true' ||
	fail "counters: of a namespace that is gone: $(cat "$dir/found")"
grep -q '{"netns":"goes","source":"snmp",[^}]*"gone":true,"unknown_ns":[1-9]' "$dir/counters" ||
	fail 'counters: not said for how long nobody looked at what is gone'
# 9 before it was made anew, 4 after it.
one '"source":"qdisc"' '"object":"anew netem' '"name":"drops"' |
	grep -q '"growth":13,.*"reset":true' ||
	fail "counters: of a queueing discipline made anew: $(cat "$dir/found")"
# A device that went, and one that came again with the name of another.
one '"source":"dev"' '"object":"vanishes"' '"name":"tx_packets"' | grep -q '"gone":true' ||
	fail "counters: of a device that is gone: $(cat "$dir/found")"
one '"object":"vanishes"' '"name":"kind"' '"first":' | grep -q '"gone":true' ||
	fail "counters: of a setting that is gone: $(cat "$dir/found")"
one '"source":"dev"' '"object":"again"' '"name":"tx_packets"' | grep -q '"reset":true' ||
	fail "counters: of a device made anew: $(cat "$dir/found")"
! grep -q '"gone":true' "$dir/found" || fail 'counters: a device that is there is gone'
! grep -q '"growth":-' "$dir/counters" || fail 'counters: one has shrunk'
! grep -q '"growth":18446744' "$dir/counters" || fail 'counters: one has gone around'

for verb in counters drops; do
	"$skbtrail" $verb --help >/dev/null 2>&1 || continue
	result=0
	"$skbtrail" $verb -i 0 --count 1 >"$dir/output" 2>&1 || result=$?
	[ $result = 2 ] || fail "$verb -i 0 ended with $result: $(cat "$dir/output")"
	grep -q "^skbtrail: $verb: -i: '0' is " "$dir/output" &&
		grep -q '^hint: ' "$dir/output" || fail "$verb -i 0 says: $(cat "$dir/output")"
done

[ -z "$(ls /sys/kernel/tracing/instances)" ] || fail 'an instance is left'
[ $status -eq 0 ] && echo 'drop-faults: ok' || cp "$dir/all.dat" "$dir/counters" /out
exit $status
