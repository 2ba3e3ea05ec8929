# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# benign - no loss: 10 datagrams and a stream wait in sockets that are closed, 6 broadcasts and 5
# multicasts are for others
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
	frames broadcasts -n 6 -d 6002 -D "${b%.2}.255" -m ff:ff:ff:ff:ff:ff
	frames multicasts -n 5 -d 6003 -D 239.127.9.9 -m 01:00:5e:7f:09:09
	send datagrams a -n 10 -b 100 udp $b 6000
	send stream a -n 4 -b 1000 -g 5 tcp $b 6001 &
	sleep 0.3
	end datagrams
	end stream
	wait $!
}
