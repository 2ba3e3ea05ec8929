// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * comm.c - number of a task -> its name now
 *
 * A task that is alive says its name in /proc; that of one which has just ended may be among the
 * last 128 that the kernel keeps.  In a namespace of processes /proc has other numbers than the
 * events, and only the kernel's list is right.  Memory does not grow: tasks share slots.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "live.h"

#define NR_SLOT		1024
#define COMM_SIZE	64
/* A number may be another task's, and a task may change its name. */
#define VALID_MS	1000
/* The list of the kernel is not read more often. */
#define LIST_MS		100
/* include/linux/proc_ns.h: PROC_PID_INIT_INO */
#define FIRST_PID_NS	0xeffffffcu

/* @comm: "" = unknown */
struct slot {
	int pid;
	int64_t at_ms;
	char comm[COMM_SIZE];
};

struct live_comms {
	const struct session *session;
	struct slot slot[NR_SLOT];
	struct blob saved;
	int64_t saved_ms;
	bool has_proc;
};

int live_comms_new(const struct session *session, struct live_comms **out)
{
	struct live_comms *comms = calloc(1, sizeof(*comms));
	struct stat st;

	if (!comms)
		return -ENOMEM;
	comms->session = session;
	comms->has_proc = !stat("/proc/self/ns/pid", &st) && st.st_ino == FIRST_PID_NS;
	*out = comms;
	return 0;
}

void live_comms_free(struct live_comms *comms)
{
	if (!comms)
		return;
	blob_release(&comms->saved);
	free(comms);
}

static void set(struct slot *slot, const char *comm, size_t length)
{
	if (length >= sizeof(slot->comm))
		length = sizeof(slot->comm) - 1;
	memcpy(slot->comm, comm, length);
	slot->comm[length] = '\0';
}

static void ask_proc(struct slot *slot)
{
	struct blob text = { 0 };
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/comm", slot->pid);
	if (!blob_add_file(&text, path) && text.size)
		set(slot, text.data, strcspn(text.data, "\n"));
	blob_release(&text);
}

static void read_list(struct live_comms *comms, int64_t now_ms)
{
	char path[600];

	if (comms->saved_ms && now_ms - comms->saved_ms < LIST_MS)
		return;
	comms->saved_ms = now_ms;
	comms->saved.size = 0;
	snprintf(path, sizeof(path), "%s/saved_cmdlines", comms->session->tracing_dir);
	if (session_read(comms->session, path, &comms->saved))
		comms->saved.size = 0;
}

/* "123 name\n"; "<...>" is what the kernel says of one that it does not know. */
static void ask_kernel(struct live_comms *comms, struct slot *slot)
{
	const char *line = comms->saved.size ? comms->saved.data : "";

	while (*line) {
		size_t length = strcspn(line, "\n");
		char *name;
		long pid = strtol(line, &name, 10);

		if (name != line && *name == ' ' && pid == slot->pid && strncmp(name, " <", 2))
			set(slot, name + 1, length - (size_t)(name + 1 - line));
		line += length + (line[length] == '\n');
	}
}

const char *live_comm(void *arg, int pid)
{
	struct live_comms *comms = arg;
	struct slot *slot = &comms->slot[(unsigned int)pid % NR_SLOT];
	int64_t now_ms = live_now_ms();

	if (pid <= 0)
		return NULL;
	if (slot->pid != pid || now_ms - slot->at_ms > VALID_MS) {
		/* The old name is better than none where the task has ended meanwhile. */
		if (slot->pid != pid)
			*slot->comm = '\0';
		slot->pid = pid;
		slot->at_ms = now_ms;
		if (comms->has_proc)
			ask_proc(slot);
		if (!*slot->comm || !comms->has_proc) {
			read_list(comms, now_ms);
			ask_kernel(comms, slot);
		}
	}
	return *slot->comm ? slot->comm : NULL;
}
