# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# route - b forwards, and has no route to where 8 packets go
network()
{
	pair 16
}

traffic()
{
	frames route -n 8 -b 50 -D 10.250.0.1
}
