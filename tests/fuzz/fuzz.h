/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - what the fuzz targets and the test of damaged captures share
 *
 * A target is one file with LLVMFuzzerTestOneInput().  libFuzzer calls it, or replay.c does.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_PATH_SIZE	32

/* @size bytes as a file without a name.  Return: its descriptor, and in @path how to open it. */
int fuzz_file(const void *data, size_t size, char path[FUZZ_PATH_SIZE]);

/* Says what does not hold, and aborts. */
void fuzz_check(bool holds, const char *what);

/*
 * Ends the program unless @text is UTF-8, without control characters but newlines, and without
 * characters that turn the direction of text.
 */
void fuzz_check_text(const char *what, const char *text, size_t size);
/* Ends the program unless each line is an object of JSON in UTF-8. */
void fuzz_check_json(const char *text, size_t size);

/**
 * struct report_all - how to report a capture in every form
 * @max_event: stop behind so many events; 0 = all
 * @single_pass, @nr_threads: as in struct trail_capture_opts
 */
struct report_all {
	uint64_t max_event;
	unsigned int nr_threads;
	bool single_pass;
};

/*
 * Text, JSON, lists and pcapng of the capture at @path, all of them checked.  Return: 0; what
 * opening or reading the capture failed with, after checking that the error is said.
 */
int report_all(const char *path, const struct report_all *how);

#endif /* FUZZ_H */
