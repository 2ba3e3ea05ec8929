// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counted.c - a capture -> its counters, to be put beside its drops
 */
#include <errno.h>

#include "cmd.h"
#include "counted.h"

int counted_open(const struct trail_capture *cap, struct trail_reconcile **out)
{
	struct trail_error error;
	int err = trail_reconcile_of(cap, out, &error);

	if (err == -EINVAL)
		complain(NULL, "%s: warning: %s", trail_capture_info(cap)->file, error.text);
	return err == -EINVAL ? 0 : err;
}
