// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-reader.c - any bytes as a capture: the reader, the engine and all outputs
 */
#include <unistd.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct report_all how = { 0 };
	static const struct report_all once = { .single_pass = true };
	char path[FUZZ_PATH_SIZE];
	int fd = fuzz_file(data, size, path);

	/* What is found in one pass is what the walk finds before. */
	if (!report_all(path, &how))
		fuzz_check(!report_all(path, &once), "a single pass reads it as well");
	close(fd);
	return 0;
}
