#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# probe.bats - the user's probes, as far as a kernel with tracepoints only has them
# shellcheck shell=bash disable=SC2154
bats_require_minimum_version 1.5.0
load tracefs

@test "shows what an event of the kernel would be recorded as" {
	run --separate-stderr "$SKBTRAIL" probe show 'net:netif_rx if len > 1000 && comm != "x"'
	[ "$status" -eq 0 ]
	[[ $output == *'net:netif_rx: event'* ]]
	[[ $output == *'events/net/netif_rx/filter: (len > 1000 && comm != "x")'* ]]
	[[ $output == *'skbaddr: a field of the event, tells the packet'* ]]
}

@test "a mistake is answered with a caret, status 2 and what would be right" {
	run --separate-stderr "$SKBTRAIL" probe show 'net:netif_rx if lenn > 1000'
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *"no field 'lenn'"* ]]
	[[ $stderr == *$'\n'"$(printf '%18s^' '')"* ]]
	[[ $stderr == *'hint: netif_rx has: '*len* ]]
	run --separate-stderr "$SKBTRAIL" record -o x.dat --probe 'net:netif_rx' \
		--probe 'net:netif_rx if len >' -- true
	[ "$status" -eq 2 ]
	[[ $stderr == *'record: --probe:'*'if len >'*'^'* ]]
	[ ! -e x.dat ]
}

@test "lists events, and functions of a process by its number" {
	run --separate-stderr "$SKBTRAIL" probe functions 'net:netif_r*'
	[ "$status" -eq 0 ]
	[[ $output == *'net:netif_rx(void * skbaddr, unsigned int len, '* ]]
	[[ $output != *common_* && $output != *net_dev_xmit* ]]
	run --separate-stderr "$SKBTRAIL" probe functions "pid $$:getppid*"
	[ "$status" -eq 0 ]
	[[ $output == *getppid*libc* ]]
	run --separate-stderr "$SKBTRAIL" probe functions 'net:nothing*'
	[ "$status" -eq 1 ]
	[[ $stderr == *'no function that can be probed is called so'* ]]
	run --separate-stderr "$SKBTRAIL" probe functions 'libc:'
	[ "$status" -eq 1 ]
	[[ $stderr == *"'libc:': a glob is expected"*"hint: all functions: 'libc:*'"* ]]
	run --separate-stderr "$SKBTRAIL" probe functions 'pid 999999999:x*'
	[ "$status" -eq 1 ]
	[[ $stderr == *'there is no such process'* ]]
	run --separate-stderr "$SKBTRAIL" probe functions 'nosuch:x*'
	[ "$status" -eq 1 ]
	[[ $stderr == *"no event system, loaded module, program or library 'nosuch'"* ]]
}

@test "wrong usage says what is right" {
	run --separate-stderr "$SKBTRAIL" probe
	[ "$status" -eq 2 ]
	[[ $stderr == *'show, add, del, list or functions'* ]]
	run --separate-stderr "$SKBTRAIL" probe show
	[ "$status" -eq 2 ]
	run --separate-stderr "$SKBTRAIL" probe list net:netif_rx
	[ "$status" -eq 2 ]
	run --separate-stderr "$SKBTRAIL" probe show --keep net:netif_rx
	[ "$status" -eq 2 ]
	run --separate-stderr "$SKBTRAIL" probe del nobody
	[ "$status" -eq 1 ]
	[[ $stderr == *"no probe 'nobody' was made to stay"* ]]
}

@test "records an event of the kernel by its condition, and says so in the capture" {
	command -v ping >/dev/null || skip "needs ping"
	"$SKBTRAIL" record --preset none -o x.dat --probe 'net:netif_rx if len > 1000' -- \
		sh -c 'ping -c 2 -s 1500 127.0.0.1; ping -c 2 -s 100 127.0.0.1' >/dev/null
	# Requests and answers of the large ones.
	[ "$("$SKBTRAIL" report --events x.dat 2>/dev/null | grep -c netif_rx)" -eq 4 ]
	grep -aq '^user net/netif_rx skb=skbaddr : net:netif_rx if len > 1000$' x.dat
}

@test "an event that packets need cannot get a condition" {
	run --separate-stderr "$SKBTRAIL" record -o x.dat --probe 'net:netif_rx if len > 1000' \
		-- true
	[ "$status" -eq 2 ]
	[[ $stderr == *'recorded for the packets as well'* ]]
}

@test "what happens to a probed program and its process is told" {
	local sleeper adder

	[ -e $tracefs/uprobe_events ] || skip "no uprobes"
	mkdir lib
	cp "$(ldd /bin/sleep | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')" lib/libc.so.6
	LD_LIBRARY_PATH=$PWD/lib sleep 100 3>&- &
	sleeper=$!
	wait_until grep -q "$PWD/lib/libc" /proc/$sleeper/maps
	"$SKBTRAIL" probe add --for 100s "pid $sleeper:clock_nanosleep" >out 2>err 3>&- &
	adder=$!
	wait_until grep -q 'until Ctrl-C' err
	cp lib/libc.so.6 new
	mv new lib/libc.so.6
	wait_until grep -q 'lib/libc.so.6 was replaced' err
	kill $sleeper
	wait_until grep -q "process $sleeper, which was probed, has ended" err
	kill $adder
	wait $adder
	cat err
	[ "$(grep -c 'was replaced\|has ended' err)" -eq 2 ]
}

@test "a probe that stays is marked when its file is gone" {
	[ -e $tracefs/uprobe_events ] || skip "no uprobes"
	cp "$(ldd /bin/sleep | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')" kept.so
	cp kept.so other.so
	name=$("$SKBTRAIL" probe add --keep "$PWD/kept.so:clock_nanosleep")
	other=$("$SKBTRAIL" probe add --keep "$PWD/other.so:clock_nanosleep")
	"$SKBTRAIL" probe list >before.list
	rm kept.so
	"$SKBTRAIL" probe list >list
	"$SKBTRAIL" probe del "$name" "$other"
	grep -q "^kept  *$name " before.list
	grep -q "^kept, file gone  *$name " list
	# As it was asked for.
	grep -q "  $PWD/kept.so:clock_nanosleep\$" list
	grep -q "^kept  *$other " list
}

# A process with number $1, which is free.
take_number() {
	local i

	for i in $(seq 100); do
		echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid
		sleep 100 3>&- &
		[ $! != "$1" ] || return 0
		kill $!
	done
	return 1
}

@test "what was left behind does not become that of a process with the same number" {
	local adder

	[ -e $tracefs/uprobe_events ] || skip "no uprobes"
	[ -e /proc/sys/kernel/ns_last_pid ] || skip "no ns_last_pid"
	"$SKBTRAIL" probe add libc:clock_nanosleep >out 2>err 3>&- &
	adder=$!
	wait_until grep -q 'until Ctrl-C' err
	"$SKBTRAIL" probe list >alive
	kill -KILL $adder
	wait $adder || true
	take_number $adder
	"$SKBTRAIL" probe list >list
	kill $adder
	"$SKBTRAIL" reset
	grep -q "^process $adder  *skbtrail_$adder:clock_nanosleep " alive
	grep -q "^left behind  *skbtrail_$adder:clock_nanosleep " list
}

@test "with nohup it outlives the terminal, and ends by other signals" {
	local adder

	[ -e $tracefs/uprobe_events ] || skip "no uprobes"
	nohup "$SKBTRAIL" probe add libc:clock_nanosleep >out 2>err 3>&- &
	adder=$!
	wait_until grep -q 'until Ctrl-C' err
	kill -HUP $adder
	sleep 1.2
	kill -0 $adder
	kill -USR1 $adder
	wait $adder
	! grep -q skbtrail_$adder $tracefs/uprobe_events
}
