#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# record-system.bats - `skbtrail record` beside others: their privileges, and what they do to it

bats_require_minimum_version 1.5.0

load tracefs.bash

# Capabilities in effect of all threads of process $1, each value once.
effective() {
	sed -n 's/^CapEff:\t0*//p' /proc/"$1"/task/*/status | sort -u
}

@test "what it does not need any more it gives up, and the command keeps what the user had" {
	local pid

	"$SKBTRAIL" record -e sched &
	pid=$!
	wait_for_start $pid
	[ "$(ls /proc/$pid/task | wc -l)" -gt 1 ]
	[ -z "$(effective $pid)" ]
	[ "$(sed -n 's/^NoNewPrivs:\t//p' /proc/$pid/status)" = 1 ]
	kill -INT $pid || true
	kill -TERM $pid
	wait $pid
	grep -E '^Cap|^NoNew' /proc/self/status >wanted
	"$SKBTRAIL" record -e sched -- grep -E '^Cap|^NoNew' /proc/self/status >got
	diff wanted got
}

@test "in a directory of another user it keeps what finishing needs" {
	local pid

	mkdir theirs
	chown 65534 theirs
	"$SKBTRAIL" record -o theirs/x.dat -e sched &
	pid=$!
	wait_for_start $pid
	# CAP_DAC_OVERRIDE, CAP_FOWNER
	[ "$(effective $pid)" = a ]
	kill -TERM $pid
	wait $pid
	[ -s theirs/x.dat ]
	[ "$(ls theirs)" = x.dat ]
}

@test "a limit of open files is raised, and the command keeps it" {
	run -0 bash -c 'ulimit -Sn 24; exec "$0" record -e sched -- bash -c "ulimit -n"' "$SKBTRAIL"
	[ "${lines[0]}" = 24 ]
}

@test "no file of its own takes the place of a standard one that is closed" {
	local pid

	"$SKBTRAIL" record -o x.dat -e sched <&- >&- 2>&- 3>&- &
	pid=$!
	wait_for_start $pid
	[ "$(readlink /proc/$pid/fd/0 /proc/$pid/fd/1 /proc/$pid/fd/2 | sort -u)" = /dev/null ]
	kill -TERM $pid
	wait $pid
	run -1 --separate-stderr bash -c '"$0" report x.dat >&-' "$SKBTRAIL"
	[[ "$stderr" = "skbtrail: standard output: "* ]]
}

@test "nobody else can read what is recorded, at no time" {
	local pid

	umask 0
	"$SKBTRAIL" record -o x.dat -e sched &
	pid=$!
	wait_for_start $pid
	wait_until [ -s x.dat.part/cpu0.0 ]
	[ "$(stat -c %a x.dat.part)" = 700 ]
	[ "$(stat -c %a x.dat.part/* | sort -u)" = 600 ]
	[ "$(find x.dat.part -name 'cpu*' | wc -l)" -ge 1 ]
	kill -TERM $pid
	wait $pid
	[ "$(stat -c %a x.dat)" = 600 ]
}

@test "a link in the place of its directory is not followed" {
	mkdir elsewhere
	ln -s elsewhere x.dat.part
	run -1 "$SKBTRAIL" record -o x.dat -e sched -- touch ran
	[[ "$output" == *"x.dat.part exists"* ]]
	[ -z "$(ls elsewhere)" ]
	[ ! -e ran ]
}

@test "no text of the user is run by a shell" {
	# shellcheck disable=SC2016
	run -0 "$SKBTRAIL" record -o '$(touch ran);x' -e sched -- echo '$(touch ran)' ';touch ran'
	# shellcheck disable=SC2016
	[ "${lines[0]}" = '$(touch ran) ;touch ran' ]
	# shellcheck disable=SC2016
	[ -s '$(touch ran);x' ]
	[ ! -e ran ]
}

@test "tracing that somebody else switches off is said" {
	# shellcheck disable=SC2016
	run -4 "$SKBTRAIL" record --strict -e sched -- sh -c \
		"echo 0 >$tracefs/instances/skbtrail_\$PPID/tracing_on"
	[[ "$output" == *"warning: tracing was switched off by somebody else"* ]]
	run -4 "$SKBTRAIL" report --strict trace.dat
	[[ "$output" == *"somebody else switched tracing off while it was recorded"* ]]
	# shellcheck disable=SC2016
	timeout 60 "$SKBTRAIL" record -e sched -- sh -c \
		"echo 0 >$tracefs/instances/skbtrail_\$PPID/tracing_on
		 until grep 'tracing was switched off' err; do sleep 0.1; done
		 echo 1 >$tracefs/instances/skbtrail_\$PPID/tracing_on" 2>err
	grep 'warning: tracing was switched on again' err
}

# Only the shell's own events are recorded: few are behind the clear, whatever else runs here.
cleared() {
	# shellcheck disable=SC2016
	run -4 "$SKBTRAIL" record --strict -F -e raw_syscalls "$@" -- sh -c \
		"i=0; while [ \$i -lt 1000 ]; do i=\$((i+1)); : >/dev/null; done; sleep 3
		 echo >$tracefs/instances/skbtrail_\$PPID/trace"
	[[ "$output" == *"warning: the kernel's buffer was cleared"* ]]
	[[ "$output" =~ skbtrail:\ ([0-9]+)\ events, ]]
	[ "$("$SKBTRAIL" report --events trace.dat | grep -c '\[0')" = "${BASH_REMATCH[1]}" ]
	run -4 "$SKBTRAIL" report --strict trace.dat
	[[ "$output" == *"cleared the kernel's buffer while it was recorded"* ]]
}

@test "a buffer that somebody else clears is said" {
	cleared
}

# Nothing is taken out before the end: what was in the buffer is what tells.
@test "a buffer that somebody else clears is said: --flight" {
	cleared --flight -b 8192
}

@test "an instance cannot be removed while it is recorded" {
	# shellcheck disable=SC2016
	run -0 "$SKBTRAIL" record -e sched -- sh -c \
		"! rmdir $tracefs/instances/skbtrail_\$PPID 2>/dev/null"
	[ -s trace.dat ]
}

# Who belongs to the group of tracefs may read it (mount option gid=), and write what is his.
@test "an ordinary user records in an instance that he was given" {
	local mode instance=$tracefs/instances/test_user_$$ status

	mode=$(stat -c %a $tracefs)
	mkdir $instance
	chown -R 65534:65534 $instance
	chmod 777 .
	chmod g+rx $tracefs
	setpriv --reuid=65534 --regid=65534 --groups "$(stat -c %g $tracefs/trace)" \
		"$SKBTRAIL" record -B test_user_$$ -o x.dat -e sched:sched_process_exec \
		-- sh -c '/bin/true; exit 3' && status=0 || status=$?
	chmod $mode $tracefs
	[ -z "$(cat $instance/set_event)" ]
	rmdir $instance
	[ $status = 3 ]
	[ "$(stat -c '%a %u' x.dat)" = "600 65534" ]
	"$SKBTRAIL" report --events x.dat | grep -q 'sched_process_exec: .*/bin/true'
}

@test "a user whose access is a capability records by it" {
	chmod 777 .
	setpriv --reuid=65534 --regid=65534 --clear-groups --ambient-caps +dac_override \
		--inh-caps +dac_override "$SKBTRAIL" record -o x.dat -e sched:sched_process_exec \
		-- sh -c "ls $tracefs/instances >during; /bin/true"
	grep -q '^skbtrail_' during
	[ "$(stat -c '%a %u' x.dat)" = "600 65534" ]
	"$SKBTRAIL" report --events x.dat | grep -q 'sched_process_exec: .*/bin/true'
	left_behind >left.now
	diff left.before left.now
}

@test "an ordinary user is told what is missing" {
	chmod 777 .
	run -1 setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$SKBTRAIL" record -o x.dat -e sched -- touch ran
	[[ "$output" == *"$tracefs: Permission denied"* ]]
	[[ "$output" == *"hint: "* ]]
	[ ! -e ran ]
}

# A command, with debugfs, and with tracefs or none: $1.  Then ./mounted says where that is.
with_debugfs() {
	cat >inside <<-'EOF'
		umount -q /sys/kernel/debug/tracing
		[ "$1" = tracefs ] || umount /sys/kernel/tracing || exit 77
		cd /sys/kernel
		mountpoint -q debug || mount -t debugfs none debug || exit 77
		cd "$OLDPWD"
		"${@:2}"
		sed -n 's/^[^ ]* \([^ ]*\) tracefs .*/\1/p' /proc/self/mounts >mounted
	EOF
	unshare -m --propagation private bash inside "$@" >said 2>&1 || [ $? != 77 ] ||
		skip "$(cat said)"
}

@test "tracefs is mounted in its own place, not in that of debugfs" {
	with_debugfs none "$SKBTRAIL" record -e sched -- true
	[ "$(cat mounted)" = $tracefs ]
	with_debugfs tracefs "$SKBTRAIL" watch sched:nothing
	[ "$(cat mounted)" = $tracefs ]
	grep -q nothing said
}
