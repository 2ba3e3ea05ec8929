# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# ttl - 5 packets have run out of hops where b would forward them
network()
{
	pair 18
	ip -n b route add 10.251.0.0/24 via $a dev "vb$kind"
}

traffic()
{
	frames ttl -n 5 -b 50 -f ttl -D 10.251.0.1
}
