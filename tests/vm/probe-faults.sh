#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# probe-faults.sh - dynamic events that the kernel cannot have: one clear line, and the recording
# goes on without them, unless the user named them
#
#	probe-faults.sh BUILD
#
# Runs in the guest of vmrun, as root of it.
set -eu

faults=$1/tests/vm/probe-faults skbtrail=$1/cmd/skbtrail
dir=$(mktemp -d)
events=/sys/kernel/tracing/dynamic_events
status=0

fail()
{
	echo "probe-faults: $1:" >&2
	cat "$dir/output" >&2
	status=1
}

# has WHAT TEXT...: each text is in the output
has()
{
	what=$1
	shift
	for text; do
		grep -qF -e "$text" "$dir/output" || fail "$what: not said: $text"
	done
}

[ -e $events ] || mount -t tracefs tracefs /sys/kernel/tracing

"$faults" "$dir/all.dat" >"$dir/output" || fail "bad events end the recording"
has "one warning" recorded "no_member (the kernel has no member sk_buff.no_such_member)" \
	"no_struct (the kernel has no member no_such_struct.len)" \
	"no_field (" "no_event (" \
	"inlined (no function skb_mac_header)"
[ "$(grep -c '^warning' "$dir/output")" = 1 ] || fail "more than one warning"
! grep -q -e 'good (' -e 'second (' "$dir/output" || fail "good events are called missing"

"$skbtrail" report --format=ndjson "$dir/all.dat" >"$dir/report"
grep -q '"missing":\["no_member: the kernel has no member' "$dir/report" ||
	fail "the capture does not say what is missing"

for name in no_member no_struct no_field no_event inlined; do
	! "$faults" "$dir/named.dat" $name >"$dir/output" || fail "$name is no failure"
	has "$name named" "error: cannot probe skbtrail:$name: "
	[ "$(wc -l <"$dir/output")" = 1 ] || fail "$name: more than one line"
	[ ! -e "$dir/named.dat" ] || fail "$name: there is a capture all the same"
done
"$faults" "$dir/named.dat" good >"$dir/output" || fail "good was named and cannot be had"

mount --bind /dev/null /sys/kernel/btf/vmlinux
"$faults" "$dir/all.dat" >"$dir/output" || fail "without BTF nothing is recorded"
has "without BTF" recorded "good (the kernel has no type information (BTF))"
"$skbtrail" record -o "$dir/net.dat" -- true >"$dir/output" 2>&1 || fail "record without BTF"
has "record without BTF" "rx (the kernel has no type information (BTF))"
umount /sys/kernel/btf/vmlinux

[ ! -s $events ] || { cp $events "$dir/output" && fail "dynamic events are left"; }
[ $status -ne 0 ] || echo "probe-faults: ok"
exit $status
