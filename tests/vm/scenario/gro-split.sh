# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# gro-split - sends that are split in software on their way and merged by GRO at the other end
network()
{
	veth_pair
	in_a ethtool -K va tso off >/dev/null
	in_b ethtool -K vb gro on >/dev/null
}

listen()
{
	receive tcp b tcp $b 6001
}

traffic()
{
	send tcp a -n 10 -b 5000 -g 5 tcp $b 6001
}
