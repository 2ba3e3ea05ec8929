// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * time.c - recorded time stamps -> nanoseconds, in the order of steps of libtracecmd
 */
#include "read.h"

bool time_needs_conversion(const struct tracedat *dat)
{
	return dat->tsc.valid || dat->add_ns;
}

/* The product has up to 96 bits: taken in two halves, as the kernel does for its clocks. */
uint64_t time_convert(const struct tracedat *dat, uint64_t ts)
{
	if (dat->tsc.valid) {
		uint64_t high = ts >> 32;
		uint64_t low = (uint32_t)ts;

		ts = ((low * dat->tsc.mult) >> dat->tsc.shift) +
		     ((high * dat->tsc.mult) << (32 - dat->tsc.shift));
	}
	return ts + (uint64_t)dat->add_ns;
}
