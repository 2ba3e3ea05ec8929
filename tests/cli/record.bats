#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# record.bats - `skbtrail record` on this kernel, held against stock trace-cmd

bats_require_minimum_version 1.5.0

load tracefs.bash

same_number() {
	need_trace_cmd
	"$SKBTRAIL" record -o x.dat "$@" -b 8192 -e sched -e irq -- sh -c "$(workload)"
	counted x.dat >counted
	printed x.dat >printed
	diff counted printed
	[ "$(awk '{n += $2} END {print n}' counted)" -gt 1000 ]
	trace-cmd dump --validate -i x.dat | grep -q 'is a valid'
	[ "$(stat -c %a x.dat)" = 600 ]
	[ ! -e x.dat.part ]
}

@test "stock prints as many events per CPU as were recorded: v6" {
	same_number --file-version 6
}

@test "stock prints as many events per CPU as were recorded: v7" {
	same_number --file-version 7
}

@test "stock prints as many events per CPU as were recorded: v7, zstd" {
	same_number --file-version 7 --compression zstd
}

# What KernelShark loads is what the kernel counted.
kshark_number() {
	[ -n "${KSHARK_COUNT:-}" ] || skip "needs libkshark"
	"$SKBTRAIL" record -o x.dat "$@" -b 8192 -e sched -e irq -- sh -c "$(workload)"
	counted x.dat >counted
	"$KSHARK_COUNT" x.dat >loaded
	diff counted loaded
	[ "$(awk '{n += $2} END {print n}' loaded)" -gt 1000 ]
}

@test "KernelShark loads as many events per CPU as were recorded: v6" {
	kshark_number --file-version 6
}

@test "KernelShark loads as many events per CPU as were recorded: v7" {
	kshark_number --file-version 7
}

@test "KernelShark loads as many events per CPU as were recorded: v7, zstd" {
	kshark_number --file-version 7 --compression zstd
}

# Stock prints what the capture says, and times that it does not shift.
@test "the capture tells the time of day" {
	local from to offset first

	need_trace_cmd
	from=$(date +%s%N)
	"$SKBTRAIL" record -o x.dat -e sched -- true
	to=$(date +%s%N)
	offset=$(trace-cmd report --version -i x.dat | sed -n 's/^wall_offset_ns: //p')
	first=$(trace-cmd report -t x.dat | sed -n '2s/.* \([0-9]*\)\.\([0-9]\{9\}\): .*/\1\2/p')
	[ "$from" -lt $((first + offset)) ]
	[ $((first + offset)) -lt "$to" ]
	# sched_clock: nobody outside of the kernel can read it.
	"$SKBTRAIL" record -o x.dat -C global -e sched -- true
	! trace-cmd report --version -i x.dat | grep wall_offset
}

@test "the exit status is the command's" {
	run -0 "$SKBTRAIL" record -e net -- true
	run -7 "$SKBTRAIL" record -e net -- sh -c 'exit 7'
	run -143 "$SKBTRAIL" record -e net -- sh -c 'kill -TERM $$'
	run -127 "$SKBTRAIL" record -e net -- ./no-such-command
	[[ "$output" == *"no-such-command: No such file"* ]]
	touch not-executable
	run -126 "$SKBTRAIL" record -e net -- ./not-executable
	[[ "$output" == *"not-executable: Permission denied"* ]]
	[ -s trace.dat ]
}

@test "wrong usage is status 2" {
	run -2 "$SKBTRAIL" record --no-such-option
	run -2 "$SKBTRAIL" record -f 'len > 3' -e net -- true
	run -2 "$SKBTRAIL" record --preset nothing -- true
	run -2 "$SKBTRAIL" record --file-version 5 -- true
	run -2 "$SKBTRAIL" record --compression lzma -- true
	run -2 "$SKBTRAIL" record -F
	[ ! -e trace.dat ]
}

@test "an unknown event is refused with near matches" {
	run -1 "$SKBTRAIL" record -e net:netif_recieve_skb -- true
	[[ "$output" == *"no event 'net:netif_recieve_skb'"* ]]
	[[ "$output" == *"hint: did you mean net:netif_receive_skb"* ]]
	[ ! -e trace.dat ]
	[ ! -e trace.dat.part ]
}

@test "a wrong filter is refused with the kernel's words" {
	run -1 "$SKBTRAIL" record -e net:netif_rx -f 'lenn > 3' -- true
	[[ "$output" == *"Field not found"* ]]
}

@test "a wrong packet filter is refused and its place marked" {
	run -2 "$SKBTRAIL" record --filter 'tcp port 80 and host www.example.org' -- true
	[[ "${lines[0]}" == "skbtrail: record: --filter: 'www.example.org' is a name, "* ]]
	[ "${lines[1]}" = "  tcp port 80 and host www.example.org" ]
	[ "${lines[2]}" = "                       ^" ]
	[ "${lines[3]}" = "hint: record without --filter and use 'skbtrail report --filter'" ]
	run -2 "$SKBTRAIL" record --filter 'tcp port' -- true
	[[ "$output" == *"hint: the language is that of pcap-filter(7)"* ]]
	[ ! -e trace.dat ]
}

@test "a packet filter needs the probes" {
	run -2 "$SKBTRAIL" record --filter tcp --no-probes -- true
	run -2 "$SKBTRAIL" record --filter tcp --snap 0 -- true
	run -2 "$SKBTRAIL" record --filter tcp -e net -- true
	[ ! -e trace.dat ]
}

@test "with a packet filter no birth of a packet is unfiltered" {
	"$SKBTRAIL" record --dry-run --filter 'udp port 53' -- true >plan
	for event in rx tx tx_start; do
		grep -q "events/skbtrail_[0-9]*/$event/filter: .*==13568" plan
	done
	run ! grep -E 'net/(netif_r|net_dev_queue|net_dev_start|napi_gro_.*_entry).*/enable' plan
	grep -q 'net/net_dev_xmit/enable' plan
}

@test "filter and event globs choose" {
	need_trace_cmd
	"$SKBTRAIL" record -e 'sched:sched_process_f*' -e sched_process_exec -f 'pid > 0' \
		-- sh -c '/bin/true; /bin/true'
	run -0 trace-cmd report trace.dat
	[[ "$output" == *sched_process_fork:* ]]
	[[ "$output" == *sched_process_exec:* ]]
	[[ "$output" != *sched_switch:* ]]
	"$SKBTRAIL" record -e sched_process_exec -f 'pid == 1' -- sh -c '/bin/true'
	run -0 trace-cmd report trace.dat
	[[ "$output" != *sched_process_exec:* ]]
}

@test "events that the kernel lacks are one warning" {
	"$SKBTRAIL" record --preset net --dry-run >out 2>err || skip "the preset is empty"
	[ "$(grep -c warning err)" -le 1 ]
}

# Packets of the capture $1, and that nothing but the kernel's own events told who they are.
only_tracepoints() {
	"$SKBTRAIL" report --format=ndjson "$1" >packets
	grep -q '"type":"capture".*"capabilities":\["tracepoints"\]' packets
	grep -q '"type":"packet"' packets
	run -1 grep '"seq":{\|"ipid":[0-9]\|"netns":[0-9]' packets
}

@test "with tracepoints only it records, and does not say who the packets are" {
	"$SKBTRAIL" record --no-probes -o plain.dat -- bash -c 'echo x >/dev/udp/127.0.0.1/9' 2>err
	run -1 grep 'dynamic events' err
	only_tracepoints plain.dat
}

@test "a kernel that takes no dynamic events is recorded all the same" {
	"$SKBTRAIL" record -o x.dat -- bash -c 'echo x >/dev/udp/127.0.0.1/9' 2>err
	grep -q 'takes no dynamic events' err || skip "this kernel takes them"
	[ "$(grep -c 'dynamic events' err)" = 1 ]
	only_tracepoints x.dat
}

@test "only the command, with and without its children" {
	need_trace_cmd
	"$SKBTRAIL" record -F -e sched:sched_process_exec -- sh -c '/bin/true; /bin/true; exit 0'
	[ "$(trace-cmd report trace.dat | grep -c sched_process_exec)" = 1 ]
	"$SKBTRAIL" record -F -c -e sched:sched_process_exec -- sh -c '/bin/true; /bin/true; exit 0'
	[ "$(trace-cmd report trace.dat | grep -c sched_process_exec)" = 3 ]
}

@test "a dry run prints the writes and makes none" {
	run -0 "$SKBTRAIL" record --dry-run -b 512 -M 1 -e net:netif_rx -f 'len > 3' -O nooverwrite
	[[ "$output" == *"mkdir $tracefs/instances/skbtrail_"* ]]
	[[ "$output" == *"/buffer_size_kb: 512"* ]]
	[[ "$output" == *"/tracing_cpumask: 1"* ]]
	[[ "$output" == *"/events/net/netif_rx/filter: len > 3"* ]]
	[[ "$output" == *"/events/net/netif_rx/enable: 1"* ]]
	[[ "$output" == *"/options/overwrite: 0"* ]]
	[ -z "$(ls -A . | grep -v before)" ]
}

@test "an output that is not a capture is kept" {
	echo precious >x.dat
	run -1 "$SKBTRAIL" record -o x.dat -e net -- true
	[[ "$output" == *"is not a capture"* ]]
	[ "$(cat x.dat)" = precious ]
	ln -s precious link.dat
	run -1 "$SKBTRAIL" record -o link.dat -e net -- true
	run -1 "$SKBTRAIL" record -o /dev/null --force -e net -- true
	"$SKBTRAIL" record -o x.dat --force -e net -- true
	"$SKBTRAIL" record -o x.dat -e net -- true
	"$SKBTRAIL" record -o link.dat --force -e net -- true
	[ ! -L link.dat ]
	[ ! -e precious ]
}

@test "an output that cannot be one is refused before anything else is said" {
	run -2 "$SKBTRAIL" record -o '' -e net -- touch ran
	[[ "$output" == "skbtrail: record: -o: the name of the capture is empty" ]]
	run -2 "$SKBTRAIL" record -o - -e net -- touch ran
	[[ "${lines[0]}" == "skbtrail: record: -o -: a capture cannot go to standard output" ]]
	[[ "${lines[1]}" == "hint: "* ]]
	run -1 "$SKBTRAIL" record -o /dev/null --force -- touch ran
	[[ "${lines[0]}" == "skbtrail: record: /dev/null is not a regular file" ]]
	[[ "${lines[1]}" == "hint: another -o" ]]
	echo precious >p.dat
	run -1 "$SKBTRAIL" record -o p.dat -- touch ran
	[[ "${lines[0]}" == "skbtrail: record: p.dat exists and is not a capture" ]]
	[ ! -e ran ]
	[ ! -e ./.part ]
}

@test "what has come to the output's place meanwhile, and is not a capture, is kept" {
	"$SKBTRAIL" record -o y.dat -e sched:sched_process_exec -- sh -c "$until_go" 2>err &
	wait_for_start $!
	echo precious >y.dat
	touch go
	wait $! && false || [ $? = 1 ]
	grep -q "y.dat: it exists and is not a capture" err
	grep -q "hint: .*y.dat.part: 'skbtrail recover -o FILE'" err
	[ "$(cat y.dat)" = precious ]
	"$SKBTRAIL" recover -o z.dat y.dat
	[ ! -e y.dat.part ]
	"$SKBTRAIL" report z.dat >/dev/null
	rm y.dat
	# One that is a capture is replaced as one that was there before is.
	rm -f go
	"$SKBTRAIL" record -o y.dat -e sched:sched_process_exec -- sh -c "$until_go" &
	wait_for_start $!
	printf '\027\010Dtracing' >y.dat
	touch go
	wait $!
	"$SKBTRAIL" report y.dat >/dev/null
}

@test "an instance that exists is used, and left" {
	local name=test_skbtrail_$$

	mkdir $tracefs/instances/$name
	echo 1 >$tracefs/instances/$name/events/net/netif_rx/enable
	"$SKBTRAIL" record -B $name -b 64 -e sched:sched_process_exec -- true
	[ "$(cat $tracefs/instances/$name/set_event)" = net:netif_rx ]
	[ "$(cat $tracefs/instances/$name/tracing_on)" = 1 ]
	grep -q '\[local\]' $tracefs/instances/$name/trace_clock
	rmdir $tracefs/instances/$name
}

@test "a signal ends it with a good capture, and a second one changes nothing" {
	local signal pid

	need_trace_cmd
	for signal in INT TERM HUP QUIT PIPE; do
		# A background job of a script ignores SIGINT; env gives it back.
		env --default-signal=INT,QUIT,PIPE "$SKBTRAIL" record -o $signal.dat -e sched &
		pid=$!
		wait_for_start $pid
		sleep 0.3
		kill -$signal $pid
		kill -$signal $pid 2>/dev/null || true
		wait $pid
		[ "$(trace-cmd report $signal.dat | wc -l)" -gt 10 ]
		[ ! -d $tracefs/instances/skbtrail_$pid ]
	done
}

@test "a signal that comes by mistake ends it with a good capture too" {
	local signal pid status

	for signal in USR1 USR2 ALRM VTALRM PROF XCPU IO PWR; do
		"$SKBTRAIL" record -o $signal.dat -e sched &
		pid=$!
		wait_for_start $pid
		status=0
		kill -$signal $pid
		wait $pid || status=$?
		[ $status = $((128 + $(kill -l $signal))) ]
		[ ! -e $tracefs/instances/skbtrail_$pid ]
		"$SKBTRAIL" report $signal.dat >/dev/null
	done
	# The command has them as whoever started it had.
	"$SKBTRAIL" record -o y.dat -e sched:sched_process_exec -- cat /proc/self/status >in
	env cat /proc/self/status >out
	[ "$(grep -E '^Sig(Blk|Ign)' in)" = "$(grep -E '^Sig(Blk|Ign)' out)" ]
}

@test "with nohup it outlives the terminal" {
	local pid

	nohup "$SKBTRAIL" record -o x.dat -e sched 2>err &
	pid=$!
	wait_for_start $pid
	kill -HUP $pid
	sleep 1.5
	is_recording $pid
	kill -INT $pid
	wait $pid
	"$SKBTRAIL" report x.dat >/dev/null
}

@test "SIGTERM ends the command as well" {
	local pid status=0

	"$SKBTRAIL" record -e net -- sleep 60 &
	pid=$!
	wait_for_start $pid
	kill -TERM $pid
	wait $pid || status=$?
	[ $status = 143 ]
	[ -s trace.dat ]
}

@test "a second Ctrl-C while the file is finished changes nothing" {
	local pid nr=0

	need_trace_cmd
	env --default-signal=INT "$SKBTRAIL" record --compression zstd -o x.dat -e sched -e irq \
		-e raw_syscalls -- timeout -s KILL 60 dd if=/dev/zero of=/dev/null bs=1 &
	pid=$!
	wait_for_start $pid
	sleep 1.5
	kill -INT $pid
	while kill -INT $pid 2>/dev/null; do
		nr=$((nr + 1))
		sleep 0.01
	done
	wait $pid || true
	[ $nr -gt 5 ]
	trace-cmd dump --validate -i x.dat | grep -q 'is a valid'
	[ "$(trace-cmd report x.dat | wc -l)" -gt 10000 ]
	[ ! -e x.dat.part ]
}

@test "a broken pipe ends it with a good capture" {
	local start=$SECONDS

	"$SKBTRAIL" record -o x.dat -e sched --for 60s 2>&1 | true
	[ $((SECONDS - start)) -lt 30 ]
	[ -s x.dat ]
	"$SKBTRAIL" report x.dat >/dev/null
}

@test "a command is recorded to its end, even if nobody reads the warnings" {
	cp /bin/true mine
	# Most kernels lack an event of the preset, which is said before the command is started.
	{ sleep 1; "$SKBTRAIL" record --preset net -e sched -- sh -c 'sleep 1; ./mine; exit 3' ||
		echo $? >status; } 2>&1 | true
	[ "$(cat status)" = 3 ]
	"$SKBTRAIL" report --events trace.dat | grep -q 'sched_process_exec: .*\./mine'
}

@test "a command that is killed, and one that goes into the background" {
	run -137 "$SKBTRAIL" record -e sched -- sh -c 'kill -KILL $$'
	[ -s trace.dat ]
	rm trace.dat
	run -3 timeout 50 "$SKBTRAIL" record -e sched -- sh -c 'sleep 60 >/dev/null 2>&1 & \
		echo $! >child; exit 3'
	[ -s trace.dat ]
	kill $(cat child)
}

@test "a command that cannot be run leaves a capture, and the kernel as it was" {
	run -127 "$SKBTRAIL" record -o x.dat -e sched -- ./no-such-command
	[ -s x.dat ]
	run -126 "$SKBTRAIL" record -o y.dat -e sched -- /etc/passwd
	[ -s y.dat ]
	[ ! -e x.dat.part ]
}

@test "an instance that somebody looks into is left without events" {
	local pid looker status=0

	"$SKBTRAIL" record -e net -- sh -c "$until_go" &
	pid=$!
	wait_for_start $pid
	exec {looker}<$tracefs/instances/skbtrail_$pid/trace_pipe
	touch go
	wait $pid || status=$?
	[ $status = 1 ]
	[ -z "$(cat $tracefs/instances/skbtrail_$pid/set_event)" ]
	[ -s trace.dat ]
	exec {looker}<&-
	run -0 "$SKBTRAIL" reset
	[ ! -d $tracefs/instances/skbtrail_$pid ]
}

@test "--for ends it" {
	run -0 timeout 50 "$SKBTRAIL" record --for 300ms -e net
	run -0 timeout 50 "$SKBTRAIL" record --for 300ms -e net -- sleep 60
}

@test "two records at once do not disturb each other" {
	need_trace_cmd
	"$SKBTRAIL" record -o a.dat -e sched:sched_process_exec -- \
		sh -c "$until_go; /bin/true" &
	wait_for_start $!
	"$SKBTRAIL" record -o b.dat -e sched:sched_process_exit -- sh -c '/bin/true; exit 0'
	touch go
	wait $!
	trace-cmd report a.dat >a
	trace-cmd report b.dat >b
	grep -q sched_process_exec a
	grep -q sched_process_exit b
	! grep -q sched_process_exit a
	! grep -q sched_process_exec b
}

@test "two records into one file: the second is refused" {
	"$SKBTRAIL" record -o a.dat -e net -- sh -c "$until_go" &
	wait_for_start $!
	run -1 "$SKBTRAIL" record -o a.dat -e net -- true
	[[ "$output" == *"a.dat.part exists"* ]]
	touch go
	wait $!
	[ -s a.dat ]
}

@test "-m keeps the newest within the bound" {
	need_trace_cmd
	run -0 "$SKBTRAIL" record -m 64 -e sched -e irq -- sh -c "$(workload)"
	[[ "$output" =~ ([0-9]+)\ KB\ of\ ([0-9]+)\ CPUs ]]
	[ "${BASH_REMATCH[1]}" -le $((64 * BASH_REMATCH[2])) ]
	# The start is gone, where there was more than fits.
	trace-cmd report trace.dat >out
	[ "$(counted trace.dat | awk '{n += $2} END {print n}')" -gt "$(grep -c '\[0' out)" ]
	[ "$(grep -c '\[0' out)" -gt 100 ]
}
