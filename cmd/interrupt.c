// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * interrupt.c - a signal -> a flag
 *
 * A temporary file must not stay: a signal ends the work, and the way out removes it.
 */
#include <signal.h>
#include <stddef.h>

#include "interrupt.h"

static volatile sig_atomic_t signaled;

static void on_signal(int number)
{
	signaled = number;
}

/* Those that are ignored, as under nohup, stay so. */
static void catch_signals(void (*handler)(int))
{
	static const int number[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct sigaction old;

	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		if (!sigaction(number[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(number[i], &action, NULL);
}

void interrupt_catch(void)
{
	catch_signals(on_signal);
}

bool interrupt_came(void)
{
	return signaled;
}

void interrupt_pass_on(void)
{
	if (!signaled)
		return;
	catch_signals(SIG_DFL);
	raise(signaled);
}
