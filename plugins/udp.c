// SPDX-License-Identifier: LGPL-2.1-or-later
/* udp.c - placeholder until its rows are written */
#include "skbtrail.h"

static const struct trail_row row[] = {
	{ 0 }
};

TRAIL_PLUGIN(udp) = { TRAIL_PLUGIN_ABI, "udp", "udp", row };
