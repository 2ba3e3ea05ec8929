/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail.h - libskbtrail's public interface: the one header to include
 *
 * A straight line: a capture (trace.dat) yields events in time order, plugins say what each
 * event means for a packet, the engine rebuilds packets, sinks consume them.
 *
 *	capture -> event -> plugin -> engine -> packet -> sink
 *
 * Conventions: functions return 0 or a positive count, or a negative errno.  Nothing here
 * prints or exits.  Times are nanoseconds of the capture's trace clock.
 */
#ifndef SKBTRAIL_H
#define SKBTRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "skbtrail/error.h"
#include "skbtrail/event.h"
#include "skbtrail/capture.h"
#include "skbtrail/hit.h"
#include "skbtrail/packet.h"
#include "skbtrail/engine.h"
#include "skbtrail/verb.h"
#include "skbtrail/stat.h"
#include "skbtrail/drops.h"
#include "skbtrail/select.h"
#include "skbtrail/sink.h"
#include "skbtrail/drops-print.h"
#include "skbtrail/record.h"
#include "skbtrail/probe.h"
#include "skbtrail/hist.h"
#include "skbtrail/leftover.h"
#include "skbtrail/live.h"
#include "skbtrail/counters.h"

#endif /* SKBTRAIL_H */
