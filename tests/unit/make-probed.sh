#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-probed.sh - probed.c -> programs, built, stripped and split in the ways of the field
#
#	make-probed.sh PROBED.C OUTDIR CC...
#
# Makes them in OUTDIR, whatever the flags of the build are.
# shellcheck disable=SC2086
set -eu

source=$(realpath "$1")
cd "$2"
shift 2
cc=$*

# make NAME FLAG...: exports its functions, so that a stripped one has some
make()
{
	name=$1
	shift
	$cc -rdynamic -o "probed-$name" "$source" "$@"
}

make pie -g -gdwarf-5 -O2 -fPIE -pie
make no-pie -g -gdwarf-5 -O0 -fno-pie -no-pie
make dwarf4 -g -gdwarf-4 -O2 -fPIE -pie
make dwarf3 -gdwarf-3 -gstrict-dwarf -O1 -fPIE -pie
make units -g -gdwarf-4 -fdebug-types-section -O2 -fPIE -pie
# Its segments do not lie in the file as they do in memory.
make moved -g -O2 -fno-pie -no-pie -Wl,-z,noseparate-code -Wl,-Ttext-segment=0x7654000

# Split.
$cc -g -gdwarf-5 -gsplit-dwarf -O2 -fPIE -c -o probed-split.o "$source"
$cc -pie -rdynamic -o probed-split probed-split.o
$cc -g -gdwarf-5 -gsplit-dwarf -O2 -fPIE -c -o probed-lost.o "$source"
$cc -pie -rdynamic -o probed-lost probed-lost.o
rm -f probed-lost.dwo

objcopy --strip-all probed-pie probed-stripped
objcopy --only-keep-debug probed-pie probed-linked.debug
objcopy --strip-all --remove-section=.note.gnu.build-id \
	--add-gnu-debuglink=probed-linked.debug probed-pie probed-linked

# Two functions of one name.
echo 'static __attribute__((noinline, used)) int only_here(int a) { return 3 * a; }' |
	$cc -g -O2 -fPIE -x c -c -o probed-twice.o -
$cc -g -O2 -fPIE -pie -rdynamic -o probed-twice "$source" probed-twice.o
