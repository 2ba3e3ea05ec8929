// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-interrupts.c - /proc/interrupts: a line for each, a column for each CPU -> counters
 *
 * Titles name the CPUs, as those that are offline have no column (kernel/irq/proc.c:
 * show_interrupts()).
 */
#include <stdlib.h>

#include "parse.h"
#include "words.h"

#define OBJECT_SIZE	128

/* Behind the counts: controller, hwirq, actions; the actions tell it. */
static void name_object(unsigned int irq, struct words text, char *object)
{
	struct words word = { 0 }, last = { 0 };

	/* "IO-APIC 6-edge NAME", "PCI-MSIX-0000:00:03.0 1-edge NAME, NAME" */
	words_next(&text, &word);
	words_next(&text, &word);
	while (text.size && *text.at == ' ') {
		text.at++;
		text.size--;
	}
	last = text;
	while (last.size && last.at[last.size - 1] == ' ')
		last.size--;
	snprintf(object, OBJECT_SIZE, "%u%s%.*s", irq, last.size ? " " : "",
		 (int)(last.size < 100 ? last.size : 100), last.at);
}

static void take_line(struct words line, const struct words *title, const struct parse_irqs *irqs,
		      struct tally *tally)
{
	struct words number, word, names = *title, cpu, counts;
	char object[OBJECT_SIZE];
	uint64_t irq, value;

	if (!words_until(&line, ':', &number))
		return;
	while (number.size && *number.at == ' ') {
		number.at++;
		number.size--;
	}
	/* "NMI", "LOC": of no device */
	if (!words_number(number, 10, &irq) || irq > UINT32_MAX)
		return;
	counts = line;
	while (words_next(&names, &cpu))
		words_next(&line, &word);
	if (irqs && !irqs->is_wanted(irqs->data, irq, line.at, line.size))
		return;
	name_object(irq, line, object);
	tally_object(tally, object, 0);
	names = *title;
	while (words_next(&names, &cpu) && words_next(&counts, &word) &&
	       words_number(word, 10, &value))
		tally_value(tally, cpu.at, cpu.size, value);
}

void parse_interrupts(const char *text, size_t size, const struct parse_irqs *irqs,
		      struct tally *tally)
{
	struct words left = { text, size }, title, line;

	if (!words_line(&left, &title))
		return;
	while (words_line(&left, &line))
		take_line(line, &title, irqs, tally);
}
