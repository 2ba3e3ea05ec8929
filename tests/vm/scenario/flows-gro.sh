# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# flows-gro - as flows, but GRO merges what comes in: tcpdump sees the single frames of the wire
# only as they go out
. "$here/scenario/flows.sh"
gro=on
