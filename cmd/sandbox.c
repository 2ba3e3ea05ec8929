// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox.c - the list of system calls that reading and printing need -> a seccomp filter
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

#if defined(__x86_64__)
#define ARCHITECTURE	AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE	AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

#define WORD(member)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(value)	BPF_STMT(BPF_RET | BPF_K, value)
#define DENY		RETURN(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW		RETURN(SECCOMP_RET_ALLOW)
/* Of an argument the low half, on machines that are little-endian. */
#define ARG(i)		WORD(args[i])
#define MAX_FILTER	160

/* Both architectures have them. */
static const uint32_t allowed[] = {
	SYS_read, SYS_readv, SYS_pread64, SYS_write, SYS_writev, SYS_lseek, SYS_close, SYS_fstat,
	SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_readlinkat, SYS_getdents64, SYS_dup,
	SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk,
	SYS_futex, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack,
	SYS_exit, SYS_exit_group, SYS_getpid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid,
	SYS_getegid, SYS_uname, SYS_sysinfo, SYS_getcwd, SYS_getrandom, SYS_sched_getaffinity,
	SYS_sched_yield, SYS_clock_gettime, SYS_clock_nanosleep, SYS_gettimeofday,
	SYS_set_robust_list,
	SYS_restart_syscall, SYS_fcntl,
#ifdef SYS_open
	SYS_stat, SYS_lstat, SYS_access, SYS_readlink,
#endif
};

struct program {
	struct sock_filter filter[MAX_FILTER];
	unsigned short nr;
};

static void add(struct program *program, struct sock_filter line)
{
	if (program->nr < MAX_FILTER)
		program->filter[program->nr++] = line;
}

/* Is the word that was loaded last @value?  Then the next @nr lines, otherwise those behind. */
static void when(struct program *program, uint32_t value, uint8_t nr)
{
	add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, nr));
}

/* Files may be opened to be read; argument @i has the flags. */
static void add_open(struct program *program, uint32_t number, unsigned int i)
{
	const uint32_t writes = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

	when(program, number, 4);
	add(program, (struct sock_filter)ARG(i));
	add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, writes, 0, 1));
	add(program, (struct sock_filter)DENY);
	add(program, (struct sock_filter)ALLOW);
}

/* A call with one value of argument @i only. */
static void add_only(struct program *program, uint32_t number, unsigned int i, uint32_t value)
{
	when(program, number, 4);
	add(program, (struct sock_filter)ARG(i));
	add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
	add(program, (struct sock_filter)DENY);
	add(program, (struct sock_filter)ALLOW);
}

void sandbox_enter(void)
{
	struct program program = { .nr = 0 };
	struct sock_fprog fprog;

	add(&program, (struct sock_filter)WORD(arch));
	add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
	add(&program, (struct sock_filter)DENY);
	add(&program, (struct sock_filter)WORD(nr));
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		when(&program, allowed[i], 1);
		add(&program, (struct sock_filter)ALLOW);
	}
#ifdef SYS_open
	add_open(&program, SYS_open, 1);
#endif
	add_open(&program, SYS_openat, 2);
	/* A limit may be asked for, not set; a signal is what abort() sends itself. */
	add_only(&program, SYS_prlimit64, 2, 0);
	add_only(&program, SYS_tgkill, 0, (uint32_t)getpid());
	/* Among the others is one that types into the terminal. */
	add_only(&program, SYS_ioctl, 1, TCGETS);
	add(&program, (struct sock_filter)DENY);
	fprog = (struct sock_fprog){ .len = program.nr, .filter = program.filter };
	if (program.nr == MAX_FILTER || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return;
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog);
}

#else

void sandbox_enter(void)
{
}

#endif
