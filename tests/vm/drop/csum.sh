# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# csum - bad checksums: of UDP without and with a reader, of TCP, of ICMP and of the header of IP
network()
{
	pair 15
}

listen()
{
	receive reader b udp $b 6000
}

traffic()
{
	frames closed -n 3 -f checksum -b 50
	# Long enough that only the reader sums it up.
	frames reader -n 4 -f checksum -b 200 -d 6000 -g 20
	frames tcp -n 5 -f checksum -p tcp
	frames icmp -n 6 -f checksum -p icmp -b 50
	frames ip -n 8 -f ip-checksum -b 50 -s 41000
}
