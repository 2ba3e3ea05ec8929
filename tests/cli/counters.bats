#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# counters.bats - the kernel's counters, in a capture and live; needs root, tracefs and ip-netns

load tracefs

# A namespace of our own, so that nobody else's traffic is in its counters.
make_netns() {
	command -v ip >/dev/null || skip "needs ip"
	ip netns add skbtrail_test || skip "needs network namespaces"
	ip -n skbtrail_test link set lo up
}

remove_netns() {
	ip netns del skbtrail_test 2>/dev/null || true
	ip netns del skbtrail_other 2>/dev/null || true
}

# $1 datagrams to a port that nobody listens on.
to_closed_port() {
	ip netns exec skbtrail_test python3 -c '
import socket, sys
for i in range(int(sys.argv[1])):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 5999))' "$1"
}

# The counter $3 of source $2 in the namespace skbtrail_test, as capture $1 tells.
growth() {
	"$SKBTRAIL" counters --all --json "$1" | python3 -c '
import json, sys
print(*[c["growth"] for c in json.load(sys.stdin)["counters"] if c["netns"] == "skbtrail_test"
        and c["source"] == sys.argv[1] and c["name"] == sys.argv[2]])' "$2" "$3"
}

# shellcheck disable=SC2016
kernel_says() {
	ip netns exec skbtrail_test awk -v name="$1" '
		/^Udp: [A-Z]/{for (i = 1; i <= NF; i++) at[$i] = i}
		/^Udp: [0-9]/{print $at[name]}' /proc/net/snmp
}

@test "a capture says what the kernel counted in a namespace while it was recorded" {
	make_netns
	to_closed_port 3
	before=$(kernel_says NoPorts)
	export -f to_closed_port
	"$SKBTRAIL" record -o a.dat -e net:netif_rx -- \
		bash -c "to_closed_port 7; sleep 1.2; to_closed_port 4"
	after=$(kernel_says NoPorts)
	remove_netns
	[ $((after - before)) = 11 ]
	[ "$(growth a.dat snmp UdpNoPorts)" = 11 ]
	"$SKBTRAIL" counters a.dat >text
	grep -qE '^skbtrail_test snmp .* UdpNoPorts +3 +14 +\+11 ' text
	grep -q '^UdpNoPorts: no socket was bound to the port (net/ipv4/udp.c' text
	[ "$(grep -c UdpRcvbufErrors text || true)" = 0 ]
	# Explained ones are first, and nothing is behind the last word of a line.
	first=$(sed -n '/^Counters that/,/^$/p' text | sed -n 3p | awk '{print $(NF - 5)}')
	grep -q "^$first: " text
	[ "$(grep -nE '^skbtrail_test .* UdpNoPorts' text | cut -d: -f1)" -lt \
		"$(grep -nE '^skbtrail_test .* UdpOutDatagrams' text | cut -d: -f1)" ]
	[ "$(grep -c ' $' text || true)" = 0 ]
	"$SKBTRAIL" counters --all a.dat >all
	grep -qE '^skbtrail_test snmp .* UdpRcvbufErrors +0 +0 +\+0 ' all
	grep -qE '^own +lo +mtu +[0-9]+ +same' all
}

@test "stock trace-cmd opens a capture with counters, and counts no more events" {
	need_trace_cmd
	"$SKBTRAIL" record -o a.dat -e sched:sched_process_exec -- sh -c 'sleep 1.1; /bin/true'
	grep -aq '^counters 1$' a.dat
	trace-cmd dump --validate -i a.dat | grep -q 'valid trace-cmd file'
	trace-cmd report a.dat >stock
	[ "$(grep -c sched_process_exec stock)" -ge 2 ]
	[ "$(grep -c 'print:' stock || true)" = 0 ]
	"$SKBTRAIL" report --events a.dat >events
	[ "$(wc -l <events)" = "$(wc -l <stock)" ]
}

@test "version 6, a bound and a flight recording carry them too" {
	make_netns
	export -f to_closed_port
	for how in --file-version=6 "-m 64" --flight; do
		# shellcheck disable=SC2086
		"$SKBTRAIL" record -o a.dat --force $how -- bash -c "to_closed_port 5; sleep 1.1"
		[ "$(growth a.dat snmp UdpNoPorts)" = 5 ]
	done
	remove_netns
}

@test "a recording that is killed leaves them up to the last second" {
	make_netns
	"$SKBTRAIL" record -o a.dat -e sched:sched_process_exec 2>log &
	pid=$!
	wait_for_start $pid
	to_closed_port 6
	sleep 2.3
	kill -9 $pid
	wait $pid || true
	remove_netns
	"$SKBTRAIL" reset
	# Cut in a line, as by a machine that goes down.
	truncate -s -5 a.dat.part/counters
	"$SKBTRAIL" recover a.dat
	[ ! -e a.dat.part ]
	[ "$(growth a.dat snmp UdpNoPorts)" = 6 ]
}

@test "a namespace and a device that vanish meanwhile are said to be gone" {
	make_netns
	ip netns add skbtrail_other
	ip -n skbtrail_test link add skbtrail_v0 type veth peer name skbtrail_v1
	# Settings are of devices that are up.
	ip -n skbtrail_test link set skbtrail_v0 up
	"$SKBTRAIL" record -o a.dat -e net:netif_rx -- bash -c "ip netns del skbtrail_other
		ip -n skbtrail_test link del skbtrail_v0; sleep 1.2"
	remove_netns
	"$SKBTRAIL" counters --all a.dat >all
	grep -q '^network namespace skbtrail_other: removed meanwhile$' all
	grep -qE '^skbtrail_test +dev +skbtrail_v0 +rx_packets .*gone' all
	[ "$(grep -cE '^skbtrail_test +dev +lo +rx_packets .*gone' all || true)" = 0 ]
	settings=$(sed -n '/^Settings$/,/^$/p' all | grep -E '^skbtrail_(test +skbtrail_v0|other) ')
	[ "$(wc -l <<<"$settings")" -gt 5 ]
	[ "$(grep -vcE ' gone$' <<<"$settings" || true)" = 0 ]
	grep -qE '^skbtrail_test +lo +.* same$' all
	"$SKBTRAIL" counters --all --json a.dat |
		grep -q '"object":"skbtrail_v0",[^}]*"last":[^}]*"gone":true'
}

@test "how far apart looks were is said, of what they left alone and of what vanished" {
	make_netns
	for i in $(seq 12); do
		ip netns add "skbtrail_many$i"
	done
	"$SKBTRAIL" record -o a.dat -e sched:sched_process_exec -- sh -c "sleep 2.5
		ip netns del skbtrail_many5; sleep 1.2"
	for i in $(seq 12); do
		ip netns del "skbtrail_many$i" 2>/dev/null || true
	done
	remove_netns
	"$SKBTRAIL" counters --json a.dat | python3 -c '
import json, sys
told = json.load(sys.stdin)
took = told["end_ns"] - told["start_ns"]
assert 0.9e9 < told["longest_ns"] < took, told["longest_ns"]
seldom = [s for s in told["seldom"] if s["netns"] == "skbtrail_many3" and s["source"] == "snmp"]
# Thirteen namespaces take more than 2 ms.
assert len(seldom) == 1 and 2 <= seldom[0]["looks"] < told["looks"], told["seldom"]
assert 1.5e9 < seldom[0]["longest_ns"] <= took, seldom
gone = [s for s in told["seldom"] if s.get("gone")]
assert {s["netns"] for s in gone} == {"skbtrail_many5"}, gone
assert all(0 < s["unknown_ns"] <= took for s in gone), gone
assert not [s for s in told["seldom"] if s["source"] == "softnet"]'
	"$SKBTRAIL" counters a.dat >text
	grep -qE '^a.dat: counters of .*, [0-9]+ looks, up to [0-9.]+m?s apart$' text
	grep -qE '^skbtrail_many3 +[0-9]+ +[0-9.]+s +.*snmp netstat' text
	grep -qE '^network namespace skbtrail_many5: .* last look at it, up to [0-9.]+m?s, is' text
}

@test "report and drops put what they saw beside what the kernel counted" {
	make_netns
	export -f to_closed_port
	"$SKBTRAIL" record -o a.dat -- bash -c "to_closed_port 8"
	"$SKBTRAIL" record -o task.dat -F -- bash -c "to_closed_port 8"
	"$SKBTRAIL" record -o few.dat -e net:netif_rx -- bash -c "to_closed_port 8"
	remove_netns
	"$SKBTRAIL" report a.dat >text
	grep -qE '^UDP NoPorts \+([0-9]+), seen \1$' text
	"$SKBTRAIL" drops a.dat >text
	grep -qE '^UDP NoPorts \+([0-9]+), seen \1$' text
	"$SKBTRAIL" report --json a.dat | grep -q '"name":"UdpNoPorts".*"state":"agrees"'
	# Not all drops were to be recorded: nothing is compared.
	for file in task.dat few.dat; do
		[ "$("$SKBTRAIL" report $file | grep -c NoPorts || true)" = 0 ]
	done
	[ "$("$SKBTRAIL" report --where 'len > 0' a.dat | grep -c 'UDP NoPorts' || true)" = 0 ]
}

@test "--no-counters: there are none, and counters says so" {
	"$SKBTRAIL" record --no-counters -o a.dat -e sched:sched_process_exec -- true
	[ "$(grep -c -a '^counters 1$' a.dat || true)" = 0 ]
	run "$SKBTRAIL" counters a.dat
	[ "$status" = 1 ]
	[ "${lines[0]}" = "skbtrail: a.dat carries no counters" ]
}

@test "counters that are damaged: what came before is shown, and where they end" {
	"$SKBTRAIL" record -o a.dat -e sched:sched_process_exec -- true
	sed -i 's/^all 0 [0-9]/all 9 x/' a.dat
	run "$SKBTRAIL" counters a.dat
	[ "$status" = 1 ]
	[[ "$output" == *"skbtrail: counters: damaged in line "* ]]
}

@test "live: intervals, then the total; an interval of 0 is refused" {
	run "$SKBTRAIL" counters -i 0
	[ "$status" = 2 ]
	[[ "${lines[0]}" == "skbtrail: counters: -i: '0' is no interval" ]]
	run "$SKBTRAIL" counters -i 200ms a.dat
	[ "$status" = 2 ]
	make_netns
	export -f to_closed_port
	(sleep 0.5; to_closed_port 9) &
	"$SKBTRAIL" counters -i 300ms --for 2s --json >lines
	wait
	remove_netns
	python3 - <<-'EOF'
		import json
		lines = [json.loads(line) for line in open("lines")]
		def grown_in(line):
		    return sum(c["growth"] for c in line["counters"]
		               if c["name"] == "UdpNoPorts" and c["netns"] == "skbtrail_test")
		grown = [grown_in(line) for line in lines]
		assert lines[-1].get("total") and not any(line.get("total") for line in lines[:-1])
		assert len(lines) == 7, len(lines)
		assert grown[0] == 0 and grown[-1] == 9, grown
		# What takes long is not looked at in each interval.
		rested = any(s["netns"] == "skbtrail_test" for s in lines[-1]["seldom"])
		assert sum(grown[:-1]) == 9 or (rested and sum(grown[:-1]) < 9), (grown, rested)
	EOF
}

@test "live: Ctrl-C prints the total" {
	"$SKBTRAIL" counters -i 10s >out 2>err &
	pid=$!
	sleep 0.7
	kill -INT $pid
	wait $pid
	grep -q '^counters of .*ms, 2 looks$' out
}

@test "a capture with counters says the time of day as well" {
	command -v trace-cmd >/dev/null || skip "needs trace-cmd"
	"$SKBTRAIL" record -o x.dat -e sched -- true
	run -0 trace-cmd dump --options x.dat
	[[ "$output" == *$'\nwall_offset_ns: '*$'\ncounters 1\n'* ]]
}
