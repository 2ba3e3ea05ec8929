/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * screen.h - text on a terminal that the next one takes the place of
 */
#ifndef SCREEN_H
#define SCREEN_H

/**
 * struct screen - what is on standard output, a terminal; zeroed before the first text
 * @nr_line: lines of the text that is there
 */
struct screen {
	unsigned int nr_line;
};

/* Shows @text, whole lines, in the place of the one before; what the terminal has no room for is
 * left out, which a last line says. */
void screen_show(struct screen *screen, const char *text);
/* What is there stays: the next text goes below it. */
void screen_leave(struct screen *screen);

#endif /* SCREEN_H */
