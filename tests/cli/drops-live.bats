#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# drops-live.bats - `skbtrail drops` while drops happen, in a network namespace of the test

bats_require_minimum_version 1.5.0

load tracefs.bash

setup_file() {
	[ "$(id -u)" = 0 ] || return 0
	ip netns add "skbtrail_$$" 2>/dev/null || return 0
	export NETNS=skbtrail_$$
	ip -n "$NETNS" link set lo up
}

teardown_file() {
	[ -z "${NETNS:-}" ] || ip netns del "$NETNS"
}

# $1 datagrams to a port that nobody has, $2 seconds between them.  Returns when they were dropped.
provoke() {
	[ -n "${NETNS:-}" ] || skip "needs network namespaces"
	ip netns exec "$NETNS" python3 - "$1" "${2:-0}" <<-'END'
	import socket, sys, time
	for i in range(int(sys.argv[1])):
	    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    s.sendto(b"x" * 18, ("127.0.0.1", 7999))
	    s.close()
	    time.sleep(float(sys.argv[2]))
	END
}

# Begins `drops ARGUMENTS` with its output in out and err, as process $pid.
begin() {
	"$SKBTRAIL" drops "$@" >out 2>err 3>&- &
	pid=$!
	wait_for_start $pid
}

finish() {
	kill -INT $pid
	wait $pid
}

# The sum of what the lines of JSON of type $1 say of NO_SOCKET.
counted() {
	python3 - "$1" <<-'END'
	import json, sys
	lines = [json.loads(line) for line in open("out")]
	print(sum(row["count"] for line in lines if line["type"] == sys.argv[1]
	          for row in line["drops"] if row["reason"] == "NO_SOCKET"))
	END
}

# Others on this machine may have such drops too: whoever is alone once has the number.
three_times() {
	local i

	for i in 1 2 3; do
		! "$@" || return 0
	done
	return 1
}

sixty() {
	begin -i 0.5 --json
	provoke 60 0.02
	sleep 1
	finish
	[ "$(counted interval)" = 60 ] || return 1
	[ "$(counted total)" = 60 ]
}

@test "each drop counts once: the intervals add up, and to what was provoked" {
	provoke 1
	three_times sixty
	python3 - <<-'END'
	import json
	lines = [json.loads(line) for line in open("out")]
	intervals = [line for line in lines if line["type"] == "interval"]
	assert len(intervals) >= 3 and len(lines) == len(intervals) + 1
	assert lines[-1]["type"] == "total"
	for i, one in enumerate(intervals):
	    assert one["number"] == i + 1 and one["schema"] == 1
	    assert i == 0 or one["from_ns"] == intervals[i - 1]["to_ns"]
	    assert one["lost_events"] == 0
	for one in intervals[:-1]:
	    assert one["to_ns"] - one["from_ns"] == 500000000
	assert lines[-1]["from_ns"] == intervals[0]["from_ns"]
	assert lines[-1]["to_ns"] == intervals[-1]["to_ns"]
	row = [r for r in lines[-1]["drops"] if r["reason"] == "NO_SOCKET"][0]
	assert row["class"] == "protocol" and "udp4_lib_rcv" in row["location"]
	# Not known, as nothing but the drop is recorded.
	assert row["way_ns"] is None and row["bytes"] != 0, row
	END
}

no_ports() {
	ip netns exec "$NETNS" awk '/^Udp: [A-Z]/ {for (i = 1; i <= NF; i++) at[$i] = i}
		/^Udp: [0-9]/ {print $at["NoPorts"]}' /proc/net/snmp
}

# 70 drops, half of them over the ends of intervals.
beside_counters() {
	local before

	begin -i 0.5 "$@"
	before=$(no_ports)
	provoke 35 0.04
	provoke 35
	[ $(($(no_ports) - before)) = 70 ] || return 1
	sleep 0.7
	finish
}

beside_json() {
	beside_counters --json || return 1
	python3 - <<-'END'
	import json
	lines = [json.loads(line) for line in open("out")]
	rows = [(line["type"], row) for line in lines for row in line["reconciliation"]
	        if row["name"] == "UdpNoPorts"]
	assert all(row["counted"] == row["seen"] for _, row in rows), rows
	assert all(row["state"] == "agrees" for _, row in rows), rows
	told = {kind: sum(row["counted"] for type, row in rows if type == kind)
	        for kind in ("interval", "total")}
	assert told == {"interval": 70, "total": 70}, told
	assert len(rows) >= 4, rows
	END
}

beside_text() {
	beside_counters || return 1
	# "UDP NoPorts +35, seen 35", once more in the total.
	told=$(awk '/^UDP NoPorts/ {if ($3 + 0 == $5) n += $5} END {print n + 0}' out)
	[ "$told" = 140 ] || return 1
	# Below the table.
	[ "$(tail -n 1 out)" = "UDP NoPorts +70, seen 70" ]
}

@test "under each table: what the kernel counted of these drops" {
	provoke 1
	three_times beside_json
	three_times beside_text
}

# $1 SYNs to a socket whose queue of connections is full.
provoke_listen() {
	[ -n "${NETNS:-}" ] || skip "needs network namespaces"
	ip netns exec "$NETNS" python3 - "$1" <<-'END'
	import socket, sys, time
	server = socket.socket()
	server.bind(("127.0.0.1", 7998))
	server.listen(0)
	held = socket.create_connection(("127.0.0.1", 7998))
	time.sleep(0.1)
	for i in range(int(sys.argv[1])):
	    s = socket.socket()
	    s.setblocking(False)
	    s.connect_ex(("127.0.0.1", 7998))
	    s.close()
	END
}

listen_live() {
	begin -i 0.5
	provoke_listen 5
	sleep 0.7
	finish
	tail -n 5 out | grep -q ': 0 packets dropped that events show, 5 more by the kernel.s count'
}

listen_json() {
	begin -i 0.5 --json
	provoke_listen 5
	sleep 0.7
	finish
	python3 - <<-'END'
	import json
	lines = [json.loads(line) for line in open("out")]
	assert lines[-1]["type"] == "total" and lines[-1]["unseen"] == 5, lines[-1]
	assert sum(line["unseen"] or 0 for line in lines[:-1]) == 5, lines
	assert ["ss -ltn" in row["advice"] for row in lines[-1]["reconciliation"]
	        if row["name"] == "TcpExtListenDrops"] == [True]
	END
}

@test "what only the counters know is lost too: a full listen queue" {
	three_times listen_live
	cp out only
	begin -i 60
	provoke_listen 5
	provoke 5
	sleep 0.3
	finish
	cp out mixed
	cp only out
	# Above the table.
	grep -B9 -m1 '^ *DROPS ' mixed | grep -q '^TcpExtListenDrops +5: '
	tail -n 1 out | grep -q "^  advice the accept queue .* Recv-Q in 'ss -ltn'"
	three_times listen_json
	export -f provoke_listen
	"$SKBTRAIL" record --preset drops -o x.dat -- bash -c 'provoke_listen 5' 2>err
	"$SKBTRAIL" drops x.dat >out
	grep -q '^[0-9]* packets* lost that events show, 5 more by the kernel.s counters' out
	grep -A2 '^TcpExtListenDrops +5: ' out | grep -q "advice the accept queue .* 'ss -ltn'"
	"$SKBTRAIL" drops --json x.dat | grep -q '"unseen":5,'
}

@test "counters of a network namespace that is left alone come later, and all in the end" {
	provoke 1
	for i in $(seq 30); do
		ip netns add "skbtrail_$$_$i"
	done
	begin -i 0.2 --json
	provoke 40 0.04
	sleep 0.5
	finish
	for i in $(seq 30); do
		ip netns del "skbtrail_$$_$i"
	done
	python3 - <<-'END'
	import json
	lines = [json.loads(line) for line in open("out")]
	rows = [row for line in lines for row in line.get("reconciliation", [])
	        if row["name"] == "UdpNoPorts"]
	assert all(row["state"] == "agrees" for row in rows), rows
	assert any("not all network namespaces were looked at yet" in (row["why"] or "")
	           for row in rows), rows
	total = lines[-1]["reconciliation"][0]
	assert total["counted"] == total["seen"] >= 40, total
	END
}

@test "counters do not come between packets, and not beside a selection" {
	begin --packet -i 0.5
	provoke 5
	sleep 0.7
	finish
	[ "$(grep -c '^UDP NoPorts ' out)" = 1 ]
	tail -n 1 out | grep -Eq '^UDP NoPorts \+([0-9]+), seen \1$'
	begin -i 0.5 --json --where 'class == protocol'
	provoke 5
	sleep 0.7
	finish
	[ "$(grep -c reconciliation out || true)" = 0 ]
	grep -q NO_SOCKET out
}

@test "a table: plain lines, Ctrl-C prints the total" {
	begin -i 1
	provoke 20 0.1
	finish
	grep -Eq '^ +[0-9]+ NO_SOCKET +__udp4_lib_rcv\+0x[0-9a-f]+ +protocol ' out
	[ "$(grep -c ' packets* dropped' out)" -ge 3 ]
	[ "$(grep -c '  total of [0-9.]* s: ' out)" = 1 ]
	! grep -q $'\033' out
}

@test "--where asks for what the kernel does not tell: never just 0" {
	begin -i 1 --where 'dev == lo'
	provoke 5
	sleep 1.2
	kill -INT $pid
	status=0
	wait $pid || status=$?
	# With dynamic events it is known.
	if grep -q 'takes no dynamic events' err; then
		[ $status = 1 ]
		grep -q "warning: drops: --where: this kernel does not tell 'dev' of dropped" err
		grep -q 'of no dropped packet is it known' err
		grep -Eq ': 0 packets dropped, and [0-9]+ of which it is not known whether' out
	else
		[ $status = 0 ]
		grep -Eq ': [1-9][0-9]* packets? dropped' out
	fi
}

@test "on a terminal a table takes the place of the one before" {
	provoke 1
	script -qec "stty cols 100 rows 30; $SKBTRAIL drops -i 0.3 --count 3" /dev/null >out 3>&-
	[ "$(grep -c $'\033\\[J' out)" -ge 3 ]
	grep -q $'\033\\[1A' out
}

@test "--once, --count, --for" {
	run -0 "$SKBTRAIL" drops -i 0.2 --once --json
	[ "$(grep -c '"type":"interval"' <<<"$output")" = 1 ]
	run -0 "$SKBTRAIL" drops -i 0.2 --count 3 --json
	[ "$(grep -c '"type":"interval"' <<<"$output")" = 3 ]
	run -0 "$SKBTRAIL" drops -i 0.4 --for 1 --json
	[ "$(grep -c '"type":"interval"' <<<"$output")" = 3 ]
	grep -q '"type":"total"' <<<"$output"
}

@test "what to look at is said with the total, and with the only table" {
	begin -i 0.5
	provoke 20 0.05
	finish
	[ "$(grep -c ' of them: ' out)" = 1 ]
	sed -n '/  total of /,$p' out | grep -Eq '^[0-9]+% of them: NO_SOCKET at .*: .* port'
	# However long it takes, they are in the first interval, which Ctrl-C ends.
	begin -i 60
	provoke 5
	sleep 0.3
	finish
	[ "$(grep -c '^[0-9]*% of them: ' out)" = 1 ]
}

@test "--packet: a line for each, and how many were left out" {
	begin --packet -i 10
	provoke 400
	sleep 1.2
	finish
	grep -Eq '^[0-9:.]+ .* \| NO_SOCKET at __udp4_lib_rcv\+0x[0-9a-f]+ \(protocol\)$' out
	shown=$(grep -c ' NO_SOCKET at __udp4_lib_rcv' out)
	hidden=$(awk '/^\([0-9]+ more dropped/ {gsub(/\(/, ""); n += $1} END {print n + 0}' out)
	[ "$shown" -lt 400 ]
	[ $((shown + hidden)) -ge 400 ]
}

@test "--stack: the kernel's stack of each location" {
	begin -i 10 --stack
	provoke 5
	sleep 0.3
	finish
	grep -Eq '^ +stack +[0-9]+$' out
	# From the function that drops on.
	[[ $(grep -EA1 -m1 '^ +stack +[0-9]+$' out | tail -n 1) = *" __udp4_lib_rcv+0x"* ]]
	grep -Eq '^ +.*sys_sendto' out
}

@test "what the buffers cannot hold is said" {
	begin -i 1 --json
	kill -STOP $pid
	for i in 1 2 3 4 5 6; do
		provoke 20000
	done
	kill -CONT $pid
	sleep 1.5
	finish
	python3 - <<-'END'
	import json
	total = [json.loads(line) for line in open("out")][-1]
	assert total["lost_events"] > 0, total
	assert total["lost_events"] + total["dropped"] >= 120000, total
	END
}

@test "--trigger: what is around the first match is a capture" {
	begin -i 1 --trigger 'reason == NO_SOCKET' -o x.dat
	provoke 3
	for i in $(seq 50); do
		[ ! -e x.dat ] || break
		sleep 0.1
	done
	grep -q 'trigger matched: .* in x.dat' err
	finish
	"$SKBTRAIL" report x.dat >report
	grep -q 'NO_SOCKET *__udp4_lib_rcv' report
	[ "$(grep -c ': 0 older events gave way' report || true)" = 0 ]
	[ ! -e x.dat.part ]
}

@test "--trigger: without a match nothing is left" {
	run -0 "$SKBTRAIL" drops -i 0.3 --once --trigger 'reason == XFRM_POLICY' -o x.dat
	[[ $output = *"skbtrail: the trigger did not match: there is no x.dat"* ]]
	[ ! -e x.dat ] && [ ! -e x.dat.part ]
}

@test "--trigger: an earlier capture stays, as does anything else" {
	for what in drops.dat x.dat; do
		echo kept >$what
		[ $what = drops.dat ] || : >$what
		cp $what before.dat
		set -- --once -i 0.2 --trigger 'reason == NO_SOCKET'
		[ $what = drops.dat ] || set -- "$@" -o $what
		run -1 "$SKBTRAIL" drops "$@"
		[ "${lines[0]}" = "skbtrail: drops: --trigger: $what exists" ]
		[[ ${lines[1]} = "hint: another -o"* ]]
		[[ $output != *--force* ]]
		cmp $what before.dat
	done
}

@test "killed: reset puts the kernel back" {
	begin -i 1
	kill -KILL $pid
	wait $pid || true
	ls $tracefs/instances | grep -q '^skbtrail_'
	"$SKBTRAIL" reset
}

@test "what cannot be" {
	run -2 "$SKBTRAIL" drops -i 0
	[ "${lines[0]}" = "skbtrail: drops: -i: '0' is too short" ]
	[[ ${lines[1]} = "hint: 0.1 s or longer"* ]]
	for bound in --count=0 --count=-1 --count=1x --for=0 --for=0s --for=x "--once --count=3"; do
		# shellcheck disable=SC2086
		run -2 timeout 5 "$SKBTRAIL" drops -i 0.2 $bound
	done
	run -2 "$SKBTRAIL" drops -i nonsense
	run -2 "$SKBTRAIL" drops --packet --json
	run -2 "$SKBTRAIL" drops -o x.dat
	run -2 "$SKBTRAIL" drops --strict
	run -2 "$SKBTRAIL" drops -i 1 x.dat
	run -2 "$SKBTRAIL" drops --where 'nonsense == 1' --once -i 1
	run -2 "$SKBTRAIL" drops --once -i 1 --trigger 'reason =='
	[[ $output = *^* ]]
	run -1 "$SKBTRAIL" drops --once -i 1 --trigger 'reason == NO_SOCKET' -o nosuch/x.dat
	run -1 setpriv --reuid=65534 --clear-groups "$SKBTRAIL" drops --once -i 0.2
	[[ $output = *"hint: run it as root"* ]]
	run -1 bash -c "$SKBTRAIL drops --once -i 0.2 >/dev/full"
	[[ $output = *"No space left"* ]]
}
