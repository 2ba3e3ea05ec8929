// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * user-call.c - a function of the C library around a system call -> where the call returns in it
 *
 * recvfrom() loads a number and enters the kernel, which leaves the registers of the arguments as
 * they are (x86-64: all but ax, cx and r11; entry/entry_64.S).  So where the call returns the
 * function's arguments are still there, and so is what the kernel wrote behind them: what a return
 * probe alone cannot see.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"

#define MAX_FUNCTION	4096	/* bytes: more is no such function */

/* "syscall", then the comparison with -4095 by which all such functions look for an error. */
static const unsigned char call[] = { 0x0f, 0x05, 0x48, 0x3d, 0x00, 0xf0, 0xff, 0xff };
#define CALL_BYTES	2

/*
 * Two bytes may be part of another instruction, eight of just these are not.  When one of the pairs
 * is not followed by the rest, it is not known what the function does.
 */
static void scan(struct probe_user *user, const unsigned char *code, size_t size)
{
	for (size_t i = 0; i + CALL_BYTES <= size; i++) {
		if (memcmp(code + i, call, CALL_BYTES))
			continue;
		if (size - i < sizeof(call) || memcmp(code + i, call, sizeof(call)) ||
		    user->nr_call == USER_MAX_CALL) {
			user->nr_call = 0;
			return;
		}
		user->call[user->nr_call++] = user->offset + i + CALL_BYTES;
	}
}

void probe_user_find_calls(struct probe_user *user)
{
	size_t size = user->symbol.size_bytes;
	unsigned char *code;

	user->nr_call = 0;
	if (elf_file_machine(user->elf) != EM_X86_64 || !user->is_entry || !size ||
	    size > MAX_FUNCTION)
		return;
	code = malloc(size);
	if (code && !elf_file_read(user->elf, user->offset, code, size))
		scan(user, code, size);
	free(code);
}
