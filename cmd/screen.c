// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * screen.c - text on a terminal that the next one takes the place of
 *
 * Goes up by as many lines as it had written and clears what is below: what was on the terminal
 * before stays.  Lines are as wide as the terminal at most, that is up to whoever made the text.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "screen.h"

#define DEFAULT_HEIGHT	24

static unsigned int height(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row)
		return size.ws_row;
	return DEFAULT_HEIGHT;
}

static unsigned int count_lines(const char *text)
{
	unsigned int nr = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		nr++;
	return nr;
}

void screen_show(struct screen *screen, const char *text)
{
	unsigned int nr = count_lines(text), max = height() - 1, show;

	max = max > 2 ? max : 2;
	show = nr > max ? max - 1 : nr;
	if (screen->nr_line)
		printf("\033[%uA\r", screen->nr_line);
	fputs("\033[J", stdout);
	for (unsigned int i = 0; i < show; i++) {
		size_t length = strcspn(text, "\n") + 1;

		fwrite(text, 1, length, stdout);
		text += length;
	}
	if (show < nr)
		printf("(%u more lines)\n", nr - show);
	screen->nr_line = show < nr ? show + 1 : show;
	fflush(stdout);
}

void screen_leave(struct screen *screen)
{
	screen->nr_line = 0;
}
