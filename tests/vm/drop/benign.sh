# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# benign - no loss: 10 datagrams and a stream wait in sockets that are closed
network()
{
	pair 24
}

listen()
{
	receive datagrams b -w 1000000 udp $b 6000
	receive stream b -w 1000000 tcp $b 6001
}

traffic()
{
	send datagrams a -n 10 -b 100 udp $b 6000
	send stream a -n 4 -b 1000 -g 5 tcp $b 6001 &
	sleep 0.3
	end datagrams
	end stream
	wait $!
}
