# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# lost-events - the buffers are small and the recorder sleeps for a while: events are lost, packets
# must not be made up
record_options='-b 8'

network()
{
	veth_pair
}

listen()
{
	receive udp b udp $b 6000
	receive tcp b tcp $b 6001
	receive after b udp $b 6010
}

# The reads of the first five, and all of the stream, are lost.
traffic()
{
	pause udp
	send before a -n 5 -b 100 -g 5 udp $b 6000
	sleep 0.7
	kill -STOP $PPID
	resume udp
	send tcp a -n 30 -b 20000 tcp $b 6001
	kill -CONT $PPID
	sleep 0.7
	send same a -i 5 -n 5 -b 110 -g 5 udp $b 6000
	send after a -n 5 -b 120 -g 5 udp $b 6010
}
