// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c - placeholder */
#include "cmd.h"

static const struct option_def option[] = { { 0 } };

static int run(const struct cmd *cmd, int argc, char **argv)
{
	return STATUS_FAILED;
}

const struct cmd cmd_report = { "report", "", "report", option, run };
