#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# same-records.sh - both backends, every file version and trace-cmd agree about the golden captures
#
#	same-records.sh DUMP-RECORDS GOLDEN-DIRECTORY
#
# Without trace-cmd only the two backends are compared, and the exit status is 77 (skipped).
set -u
dump=$1
golden=$2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

same()
{
	if ! cmp -s "$1" "$2"; then
		echo "differs: $3"
		diff "$1" "$2" | head -n 4
		failed=1
	fi
}

for file in "$golden"/*/*.dat; do
	"$dump" -n "$file" > "$dir/native" || failed=1
	"$dump" -l "$file" > "$dir/libtracecmd" || failed=1
	[ -s "$dir/native" ] || failed=1
	same "$dir/native" "$dir/libtracecmd" "$file: records of the two backends"
done

if ! command -v trace-cmd > /dev/null; then
	[ $failed = 1 ] && exit 1
	exit 77
fi

for file in "$golden"/*/mixed.dat; do
	"$dump" -n "$file" > "$dir/native"
	trace-cmd report -i "$file" 2> "$dir/err" | tail -n +2 > "$dir/report"
	"$dump" -p "$file" > "$dir/lines"
	same "$dir/report" "$dir/lines" "$file: lines of trace-cmd report"
	# Each conversion takes a second: one capture stands for all.
	[ "$file" = "$golden/6.1/mixed.dat" ] || continue
	for to in 6 7; do
		trace-cmd convert -i "$file" -o "$dir/converted" --file-version "$to" \
			--compression none > "$dir/out" 2>&1 || { cat "$dir/out"; failed=1; }
		for reader in -n -l; do
			"$dump" $reader "$dir/converted" > "$dir/records"
			same "$dir/native" "$dir/records" "$file: $reader after conversion to $to"
		done
	done
done
exit $failed
