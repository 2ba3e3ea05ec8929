#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# killed.bats - recordings that are killed: what `skbtrail reset` and `skbtrail recover` make of it

bats_require_minimum_version 1.5.0

load tracefs.bash

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ -r $tracefs/available_events ] || skip "needs tracefs at $tracefs"
	cd "$BATS_TEST_TMPDIR"
	own_journals
	note_unexpanded
	state >before
}

# With /run/skbtrail of our own, no other recording on this machine undoes what a test has left.
# The process is the same.
own_journals() {
	PROGRAM=${SKBTRAIL:-$(command -v skbtrail)}
	SKBTRAIL=$PWD/skbtrail
	journals=$PWD/journals
	export PROGRAM
	mkdir -m 700 $journals
	mkdir -p -m 700 /run/skbtrail
	cat >$SKBTRAIL <<-EOF
		#!/bin/sh
		exec unshare -m sh -c 'mount --bind $journals /run/skbtrail &&
			exec "\$PROGRAM" "\$@"' sh "\$@"
	EOF
	chmod +x $SKBTRAIL
}

# Whatever happened in a test, the kernel is as it was.
teardown() {
	[ -e before ] || return 0
	rmdir $tracefs/instances/test_*_$$ 2>/dev/null
	[ ! -e top_event ] || echo 0 >$tracefs/events/sched/sched_process_fork/enable
	[ ! -d full ] || umount full 2>/dev/null
	"$SKBTRAIL" reset >/dev/null 2>&1
	state >after
	diff before after
}

# What can be read of tracefs, and instances of the recordings that a test has started ($started).
state() {
	local f pid

	for f in current_tracer trace_clock tracing_on set_event set_event_pid buffer_percent \
		 buffer_size_kb tracing_cpumask trace_options set_graph_function \
		 set_ftrace_filter set_ftrace_pid; do
		[ $f != buffer_size_kb ] || [ -z "$unexpanded" ] || continue
		echo "== $f"
		cat $tracefs/$f 2>&1 || true
	done
	for pid in $started; do
		[ ! -e $tracefs/instances/skbtrail_$pid ] || echo "skbtrail_$pid is left"
		[ ! -e $journals/$pid ] || echo "the journal of $pid is left"
		grep "skbtrail_$pid/" $tracefs/dynamic_events 2>/dev/null || true
	done
}

# Records to $1 with the options that follow, and is killed after $seconds of tracing, when each CPU
# that is online has data on the disk.
killed() {
	local output=$1 cpu

	shift
	"$SKBTRAIL" record -o "$output" -e sched -e irq "$@" 2>err &
	pid=$!
	started="$started $pid"
	wait_for_start $pid
	sleep "${seconds:-0.5}"
	for cpu in $(seq 0 $(($(nproc) - 1))); do
		wait_until [ -s "$output.part/cpu$cpu.0" ]
	done
	kill -9 $pid
	wait $pid || true
}

load() {
	while :; do /bin/true; done
}

@test "kill -9: the kernel is as it was after reset" {
	killed x.dat
	[ -d $tracefs/instances/skbtrail_$pid ]
	run -0 "$SKBTRAIL" reset --dry-run
	[[ "$output" == *"would remove $tracefs/instances/skbtrail_$pid"* ]]
	[ -d $tracefs/instances/skbtrail_$pid ]
	[ -e $journals/$pid ]
	run -0 "$SKBTRAIL" reset
	[[ "$output" == *"removed $tracefs/instances/skbtrail_$pid"* ]]
	[[ "$output" == *"hint: skbtrail recover '$PWD/x.dat.part'"* ]]
	[ ! -e $tracefs/instances/skbtrail_$pid ]
	[ ! -e $journals/$pid ]
	[ -d x.dat.part ]
	run -0 "$SKBTRAIL" reset
	[[ "$output" != *"removed"* ]]
}

# kill_at PHASE MS: MS into setting up, tracing, or finishing
kill_at() {
	"$SKBTRAIL" record -o x.dat -b 4096 -e sched -e irq --for 60s 2>/dev/null &
	pid=$!
	started="$started $pid"
	[ $1 = setup ] || wait_for_start $pid
	[ $1 != finish ] || kill -TERM $pid
	sleep $(printf '0.%03d' $2)
	kill -9 $pid 2>/dev/null || true
	wait $pid || true
}

@test "kill -9 at any moment: reset restores, and what was recorded can be recovered" {
	local phase ms nr=0 pid

	need_trace_cmd
	load &
	local load=$!
	for phase in setup trace finish; do
		for ms in 5 10 20 40 60 80 150 300 600; do
			kill_at $phase $ms
			"$SKBTRAIL" reset >/dev/null 2>&1
			[ ! -e $tracefs/instances/skbtrail_$pid ]
			[ ! -e $journals/$pid ]
			state | diff before -
			# Before it traced, the next may take the place; or it is complete.
			if [ ! -e x.dat.part/about ]; then
				[ $phase != trace ]
				"$SKBTRAIL" record -o x.dat -e sched -- true 2>/dev/null
				[ ! -e x.dat.part ]
				continue
			fi
			"$SKBTRAIL" recover --force x.dat
			[ ! -e x.dat.part ]
			trace-cmd dump --validate -i x.dat | grep -q 'is a valid'
			"$SKBTRAIL" report x.dat >/dev/null
			nr=$((nr + 1))
		done
	done
	kill $load
	wait $load || true
	[ $nr -ge 9 ]
}

# All but the last second is in it, of a system that has nothing else to do, too.  One whose CPUs
# are all taken may let the recorders wait: it is tried five times.
recover_all() {
	local i

	need_trace_cmd
	for i in 1 2 3 4 5; do
		rm -f x.dat
		recover_once "$@"
		[ $late_ns -ge 1100000000 ] || return 0
		echo "the last event is ${late_ns}ns old"
	done
	return 1
}

# Sets late_ns: from the last event that is in it to the kill.
recover_once() {
	local killed last offset

	seconds=2.5 killed x.dat "$@"
	killed=$(date +%s%N)
	run -0 "$SKBTRAIL" recover x.dat.part
	[[ "$output" =~ ^skbtrail:\ ([0-9]+)\ events,.*\ in\ x.dat$ ]]
	[ ! -e x.dat.part ]
	[ "$(stat -c %a x.dat)" = 600 ]
	trace-cmd dump --validate -i x.dat | grep -q 'is a valid'
	trace-cmd report -t x.dat >printed
	[ "$(grep -c '\[0' printed)" = "${BASH_REMATCH[1]}" ]
	offset=$(trace-cmd report --version -i x.dat | sed -n 's/^wall_offset_ns: //p')
	last=$(sed -n '$s/.* \([0-9]*\)\.\([0-9]\{9\}\): .*/\1\2/p' printed)
	run -4 --separate-stderr "$SKBTRAIL" report --strict x.dat
	[[ "${lines[0]}" == *" events, ended early (it was killed, or could not be finished)"* ]]
	late_ns=$((killed - last - offset))
}

@test "recover yields all but the last second: v7" {
	recover_all
}

@test "recover yields all but the last second: v6" {
	recover_all --file-version 6
}

@test "recover yields all but the last second: zstd" {
	recover_all --compression zstd
}

@test "recover of a bounded recording has the newest, in order" {
	need_trace_cmd
	load &
	local load=$!
	seconds=2 killed x.dat -m 64
	kill $load
	wait $load || true
	"$SKBTRAIL" recover x.dat
	trace-cmd report -t x.dat | sed -n 's/.* \([0-9]*\.[0-9]\{9\}\): .*/\1/p' >times
	[ "$(wc -l <times)" -gt 100 ]
	sort -c -n times
	# How many older ones there were died with the kernel's counters.
	"$SKBTRAIL" report x.dat | grep -qx 'only the newest was kept'
	"$SKBTRAIL" report --json x.dat >json
	grep -q '"bounded":"size"' json
	run -1 grep let_go json
}

@test "recover after a reset, on another boot, into another place" {
	killed x.dat
	"$SKBTRAIL" reset >/dev/null 2>&1
	sed -i 's/^boot .*/boot another/' x.dat.part/about
	mkdir far
	mv x.dat.part far/incident
	run -1 "$SKBTRAIL" recover far/incident
	[[ "$output" == *"hint: -o FILE"* ]]
	"$SKBTRAIL" recover --keep -o y.dat far/incident
	[ -d far/incident ]
	mv y.dat z.dat
	"$SKBTRAIL" recover far/incident/ -o y.dat
	[ ! -e far/incident ]
	cmp y.dat z.dat
	"$SKBTRAIL" report y.dat >/dev/null
}

@test "recover does not touch a recording that is alive" {
	"$SKBTRAIL" record -o x.dat -e sched -- sh -c "$until_go" &
	wait_for_start $!
	run -1 "$SKBTRAIL" recover x.dat
	[[ "$output" == *"the recording is alive"* ]]
	run -1 "$SKBTRAIL" record -o x.dat -e sched -- true
	[[ "$output" == *"another record writes there"* ]]
	touch go
	wait $!
	[ -s x.dat ]
}

@test "recover says why it cannot" {
	run -1 "$SKBTRAIL" recover x.dat
	[[ "$output" == *"x.dat.part: No such file"* ]]
	run -2 "$SKBTRAIL" recover a b
	killed x.dat
	cp -a x.dat.part y.dat.part
	rm y.dat.part/about
	run -1 "$SKBTRAIL" recover y.dat
	[[ "$output" == *"before tracing began"* ]]
	head -c 100 x.dat.part/about >y.dat.part/about
	run -1 "$SKBTRAIL" recover y.dat
	[[ "$output" == *"about: damaged"* ]]
	cp x.dat.part/about y.dat.part/about
	truncate -s 1000 y.dat.part/trace.dat
	run -1 "$SKBTRAIL" recover y.dat
	[[ "$output" == *"formats of the events are missing"* ]]
	rm y.dat.part/cpu0.0
	ln -s /etc/passwd y.dat.part/cpu0.0
	cp x.dat.part/trace.dat y.dat.part/trace.dat
	run -1 "$SKBTRAIL" recover y.dat
	[[ "$output" == *"symbolic links"* ]]
	ln -s x.dat.part z.dat.part
	run -1 "$SKBTRAIL" recover z.dat
	[ ! -e y.dat ]
	[ ! -e z.dat ]
	echo old >x.dat
	run -1 "$SKBTRAIL" recover x.dat
	[[ "$output" == *"x.dat exists"* ]]
	[ "$(cat x.dat)" = old ]
	"$SKBTRAIL" recover --force x.dat
	"$SKBTRAIL" report x.dat >/dev/null
	[ -z "$(ls | grep '\.......$')" ]
}

# The kill comes with the system call that gives blocks back: a part is in the capture only.
@test "kill -9 while a full disk is made room on: not a page is lost" {
	local when bytes nr_moved=0 load='dd if=/dev/zero of=/dev/null bs=1'

	command -v strace >/dev/null || skip "needs strace"
	mkdir full
	for when in 3 6; do
		mount -t tmpfs -o size=24m none full || skip "cannot mount a tmpfs"
		strace -f -o /dev/null -e trace=fallocate \
			-e inject=fallocate:signal=KILL:when=$when "$SKBTRAIL" record \
			-o full/x.dat -e sched -e raw_syscalls -- timeout 8 $load 2>/dev/null ||
			true
		# Killed before it traced, or not at all: other calls come first.
		if [ ! -e full/x.dat.part/moving ]; then
			umount full
			continue
		fi
		bytes=$(cat full/x.dat.part/cpu* | wc -c)
		# Some pages have left their file.
		[ "$(du -B1 -c full/x.dat.part/cpu* | tail -1 | cut -f1)" -ge $bytes ] ||
			nr_moved=$((nr_moved + 1))
		run -0 "$SKBTRAIL" recover -o x.dat full/x.dat
		umount full
		"$SKBTRAIL" report x.dat >/dev/null
		# An empty page has no events, a full one at least fifty.
		[[ "$output" =~ \ ([0-9]+)\ events,\ ([0-9]+)\ KB ]]
		[ "${BASH_REMATCH[2]}" -ge $((bytes / 4096 * 4 - 8)) ]
		[ "${BASH_REMATCH[1]}" -gt $((bytes / 4096 * 50)) ]
	done
	[ $nr_moved -ge 1 ]
}

@test "damaged pages are cut, the rest is kept" {
	killed x.dat
	# A record of length 0, wherever the one before it ends.
	dd if=/dev/zero of=x.dat.part/cpu0.0 bs=1000 count=1 seek=1 conv=notrunc 2>/dev/null
	truncate -s -100 x.dat.part/cpu1.0
	run -0 "$SKBTRAIL" recover x.dat
	[[ "$output" == *"pages that were damaged: 1"* ]]
	"$SKBTRAIL" report x.dat >/dev/null
}

@test "the next record resets, and says what can be recovered" {
	killed x.dat
	run -0 "$SKBTRAIL" record -o y.dat -e sched -- true
	[[ "$output" == *"a skbtrail that was killed (process $pid) had left in the kernel is"* ]]
	[[ "$output" == *"$PWD/x.dat.part holds what"*"'skbtrail recover'"* ]]
	[ ! -e $tracefs/instances/skbtrail_$pid ]
	run -1 "$SKBTRAIL" record -o x.dat -e sched -- true
	[[ "$output" == *"hint: 'skbtrail recover'"* ]]
}

@test "recordings that are alive are left alone" {
	local alive

	need_trace_cmd
	"$SKBTRAIL" record -o a.dat -e sched:sched_process_exec -- \
		sh -c "$until_go; /bin/true" 2>err.a &
	alive=$!
	wait_for_start $alive
	killed x.dat
	run -0 "$SKBTRAIL" reset
	[[ "$output" == *" running, left alone"* ]]
	"$SKBTRAIL" record -o b.dat -e sched -- true
	[ "$(cat $tracefs/instances/skbtrail_$alive/tracing_on)" = 1 ]
	touch go
	wait $alive
	trace-cmd report a.dat | grep -q sched_process_exec
}

@test "what others have set up is left alone" {
	local other=$tracefs/instances/test_other_$$ top=$tracefs/set_event before

	mkdir $other
	touch top_event
	echo 1 >$other/events/net/netif_rx/enable
	echo mono >$other/trace_clock
	echo 1 >$tracefs/events/sched/sched_process_fork/enable
	before=$(cat $other/set_event $other/trace_clock $other/tracing_on $top)
	killed x.dat
	"$SKBTRAIL" reset
	[ "$before" = "$(cat $other/set_event $other/trace_clock $other/tracing_on $top)" ]
	rmdir $other
}

@test "an instance of the user's is put back as it was" {
	local inst=$tracefs/instances/test_user_$$ f

	mkdir $inst
	echo 1 >$inst/events/net/netif_rx/enable
	echo 'len > 7' >$inst/events/sched/sched_switch/filter 2>/dev/null || true
	echo 1 >$inst/options/irq-info 2>/dev/null || true
	for f in trace_clock buffer_size_kb tracing_on set_event options/overwrite tracing_cpumask \
		 events/sched/sched_process_exec/filter; do
		echo "$f: $(cat $inst/$f)"
	done >user.before
	"$SKBTRAIL" record -o x.dat -B ${inst##*/} -b 64 -M 1 -O nooverwrite \
		-e sched:sched_process_exec -f 'pid > 1' 2>/dev/null &
	pid=$!
	# Written when all is set up.
	wait_until [ -e x.dat.part/about ]
	kill -9 $pid
	wait $pid || true
	[ "$(cat $inst/options/overwrite)" = 0 ]
	run -0 "$SKBTRAIL" reset
	[[ "$output" == *"wrote $inst/options/overwrite: 1"* ]]
	for f in trace_clock buffer_size_kb tracing_on set_event options/overwrite tracing_cpumask \
		 events/sched/sched_process_exec/filter; do
		echo "$f: $(cat $inst/$f)"
	done | diff user.before -
	[ ! -e $journals/$pid ]
	rmdir $inst
}

@test "an instance that cannot be removed yet is removed by a later reset" {
	local pid looker i

	killed x.dat
	exec {looker}<$tracefs/instances/skbtrail_$pid/trace_pipe
	run -1 "$SKBTRAIL" reset
	[[ "$output" == *"skbtrail_$pid: Device or resource busy"* ]]
	[ -e $journals/$pid ]
	[ -z "$(cat $tracefs/instances/skbtrail_$pid/set_event)" ]
	exec {looker}<&-
	# Another recording that begins just now may be at it.
	for i in 1 2 3; do
		"$SKBTRAIL" reset
		[ -e $tracefs/instances/skbtrail_$pid ] || break
		sleep 1
	done
	[ ! -e $tracefs/instances/skbtrail_$pid ]
}

@test "recover that is interrupted leaves what it found" {
	local signal status

	command -v strace >/dev/null || skip "needs strace"
	killed x.dat
	cp -a x.dat.part before.part
	for signal in INT TERM HUP; do
		# A shell has what it starts in the background ignore SIGINT.
		env --default-signal=INT strace -D -f -o /dev/null -e trace=pwrite64 \
			-e inject=pwrite64:delay_enter=200000 "$PROGRAM" recover x.dat &
		pid=$!
		wait_until eval "ls x.dat.?????? | grep -v part"
		kill -$signal $pid
		status=0
		wait $pid || status=$?
		[ $status = $((128 + $(kill -l $signal))) ]
		ls
		[ "$(ls -d x.dat*)" = x.dat.part ]
		diff -r before.part x.dat.part
	done
	"$SKBTRAIL" recover x.dat
	"$SKBTRAIL" report x.dat >/dev/null
}

@test "record does not name a .part that is no longer there" {
	mkdir a
	run -1 "$SKBTRAIL" record -o a/x.dat -e sched -- mv a b
	[[ "$output" == *"kept in $PWD/b/x.dat.part: 'skbtrail recover'"* ]]
	"$SKBTRAIL" recover b/x.dat
	"$SKBTRAIL" report b/x.dat >/dev/null
	run -1 "$SKBTRAIL" record -o x.dat -e sched -- rm -r x.dat.part
	[[ "$output" == *"x.dat.part was removed while it was recorded: nothing is kept"* ]]
	[[ "$output" != *"recover"* ]]
	[ -z "$(ls -d x.dat*)" ]
}

@test "what a flight recording had got is said to be gone" {
	local instance line

	"$SKBTRAIL" record -o x.dat --flight -b 64 -e sched 2>/dev/null &
	pid=$!
	started="$started $pid"
	wait_for_start $pid
	kill -9 $pid
	wait $pid || true
	instance=$tracefs/instances/skbtrail_$pid
	line="x.dat.part: a --flight recording (process $pid) keeps its data in the kernel"
	run -0 "$SKBTRAIL" reset --dry-run
	[[ "$output" == *"$line: it would be gone"*"$instance/trace"*"would remove $instance" ]]
	run -0 "$SKBTRAIL" reset
	[[ "$output" == *"$line: it goes with the instance"*"removed $instance" ]]
	[[ "$output" != *"recover"* ]]
	run -0 "$SKBTRAIL" recover x.dat
	[[ "$output" == *" 0 events"*"no events: a --flight recording keeps its data in the"* ]]
	# Of another the first flush had not come.
	"$SKBTRAIL" record -o y.dat -s 10000000 -e sched:sched_process_exec 2>/dev/null &
	pid=$!
	started="$started $pid"
	wait_for_start $pid
	kill -9 $pid
	wait $pid || true
	run -0 "$SKBTRAIL" recover y.dat
	[[ "$output" == *" 0 events"*"no events: nothing had reached the disk"* ]]
}

@test "where tracefs is not mounted nothing is said to be undone" {
	local how line

	killed x.dat
	for how in --dry-run ""; do
		run -1 unshare -m sh -c "umount -l $tracefs && '$SKBTRAIL' reset $how"
		line=" $pid left cannot be seen: tracefs is not at $tracefs"
		[[ "$output" == *"$line"*"hint: mount it there"* ]]
		[[ "$output" != *remove* ]]
		[ -d $tracefs/instances/skbtrail_$pid ]
		[ -e $journals/$pid ]
	done
	run -0 "$SKBTRAIL" reset
	[[ "$output" == *"removed $tracefs/instances/skbtrail_$pid"* ]]
	# What somebody else has removed is not left.
	killed y.dat
	rmdir $tracefs/instances/skbtrail_$pid
	run -0 "$SKBTRAIL" reset
	[ ! -e $journals/$pid ]
}

@test "journals that others could have written are not replayed" {
	local name=99999999 inst=$tracefs/instances/test_victim_$$

	mkdir $inst
	printf 'skbtrail journal 1\nboot %s\npid 1\noutput \ninstance %s\t\n' \
		"$(cat /proc/sys/kernel/random/boot_id)" $inst >$journals/$name
	chown nobody $journals/$name
	run -1 "$SKBTRAIL" reset
	[[ "$output" == *"/run/skbtrail/$name is left alone: others could have written to it"* ]]
	[[ "$output" != *"nothing was left behind"* ]]
	[ -d $inst ]
	chown root $journals/$name
	chmod 622 $journals/$name
	run -1 "$SKBTRAIL" reset
	[ -d $inst ]
	# That it would have been is what makes this a test.
	chmod 600 $journals/$name
	"$SKBTRAIL" reset
	[ ! -d $inst ]
	[ ! -e $journals/$name ]
}

@test "reset does not say that nothing is left where it could not look" {
	run -0 "$SKBTRAIL" reset
	[[ "$output" == *"nothing was left behind"* ]]
	chmod 770 $journals
	run -1 "$SKBTRAIL" reset
	[[ "$output" == *"/run/skbtrail is left alone: others could have written to it"* ]]
	[[ "$output" != *"nothing was left behind"* ]]
	run -0 "$SKBTRAIL" record -o x.dat -e sched -- true
	[[ "$output" == *"what /run/skbtrail says to undo is not known: 'skbtrail reset'"* ]]
	# It had its own journal there.
	rmdir --ignore-fail-on-non-empty /tmp/skbtrail-0
	chmod 700 $journals
	echo junk >$journals/77777777
	run -1 "$SKBTRAIL" reset --dry-run
	[[ "$output" == *"/run/skbtrail/77777777 is left alone: damaged"* ]]
	[[ "$output" != *"nothing was left behind"* ]]
	[ "$(cat $journals/77777777)" = junk ]
	rm $journals/77777777
	run -0 "$SKBTRAIL" reset
}

@test "a journal of another boot undoes nothing" {
	local name=99999998 inst=$tracefs/instances/test_victim_$$

	mkdir $inst
	printf 'skbtrail journal 1\nboot another\npid 1\noutput \ninstance %s\t\n' \
		$inst >$journals/$name
	"$SKBTRAIL" reset
	[ -d $inst ]
	[ ! -e $journals/$name ]
	rmdir $inst
}

@test "recorders end with the recording" {
	killed x.dat
	[ ! -e /proc/$pid ]
	local size=$(cat x.dat.part/cpu* | wc -c)
	sleep 1
	[ "$(cat x.dat.part/cpu* | wc -c)" = "$size" ]
	fuser x.dat.part/* && return 1
	true
}

@test "a recording that ended leaves no journal" {
	"$SKBTRAIL" record -o x.dat -e sched -- true &
	local pid=$!
	wait $pid
	[ ! -e $journals/$pid ]
	"$SKBTRAIL" record -o x.dat -e sched -f 'no_such > 1' -- true &
	pid=$!
	wait $pid || true
	[ ! -e $journals/$pid ]
	[ ! -e x.dat.part ]
}

@test "killed when its capture was finished: only what is left beside it goes" {
	killed x.dat
	"$SKBTRAIL" reset >/dev/null 2>&1
	"$SKBTRAIL" recover --keep x.dat
	# The capture's own file gets its name before the directory goes.
	rm x.dat.part/trace.dat
	cp x.dat before.dat
	run -0 "$SKBTRAIL" recover x.dat
	[[ "$output" == *"x.dat was finished, there is nothing to recover"* ]]
	[ ! -e x.dat.part ]
	cmp x.dat before.dat
	# Beside an older capture, or none, nothing is removed.
	killed x.dat
	"$SKBTRAIL" reset >/dev/null 2>&1
	rm x.dat.part/trace.dat
	cp before.dat x.dat
	touch -d '1 hour ago' x.dat
	run -1 "$SKBTRAIL" recover x.dat
	[ -e x.dat.part/about ]
	rm x.dat
	run -1 "$SKBTRAIL" recover x.dat
	[ -e x.dat.part/about ]
}
