# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# lost-events - buffers too small for a bulk of packets: events are lost, packets must not be made up
record_options='-b 8'

network()
{
	veth_pair
}

listen()
{
	receive udp b udp $b 6000
	receive after b udp $b 6010
	receive tcp b tcp $b 6001
}

traffic()
{
	send before a -n 5 -b 100 -g 5 udp $b 6000
	send tcp a -n 60 -b 20000 tcp $b 6001
	sleep 0.7
	send after a -n 5 -b 120 -g 5 udp $b 6010
}
