/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * look.h - a look at the counters of this machine
 */
#ifndef COUNTERS_LOOK_H
#define COUNTERS_LOOK_H

#include <pthread.h>

#include "parse.h"

struct mnl_socket;

/* Of so many devices of a namespace the drivers are asked. */
#define LOOK_MAX_DEVICE	64
#define LOOK_MAX_PLACE	64
/* So many times as long as it took is a source left alone. */
#define LOOK_REST	500

/* What is looked at; LOOK_TEXT + i are the text files of look.c. */
enum look_what {
	LOOK_LINK, LOOK_QDISC, LOOK_ETHTOOL, LOOK_INTERRUPTS, LOOK_TEXT,
	LOOK_NR_WHAT = LOOK_TEXT + 16
};

/**
 * struct look_device - a device of a namespace
 * @string: names of its statistics, @nr_string of ETH_GSTRING_LEN bytes
 * @look: number of the look at which it was there last
 * @has_none: its driver has no statistics
 */
struct look_device {
	struct parse_device is;
	char *string;
	uint32_t nr_string;
	uint32_t look;
	bool has_none;
};

/**
 * struct place - a network namespace
 * @path: what opens it, NULL: our own
 * @inode: tells it from a later one of the same name
 * @netns: index in the series
 * @netlink, @fd: sockets in it; kept of our own only, as they would keep the others alive
 * @due_ns: when a source is looked at again
 */
struct place {
	char *path;
	uint64_t inode;
	struct mnl_socket *netlink;
	int fd;
	uint32_t netns;
	struct look_device *device;
	size_t nr_device;
	uint64_t due_ns[LOOK_NR_WHAT];
	bool is_gone;
};

/* Numbers, in no order. */
struct look_irqs {
	unsigned int *irq;
	size_t nr;
};

/**
 * struct visitor - the thread that enters network namespaces
 * @own_fd: our own one, to come back to
 * @due_ns: when it goes again
 * @is_asked, @is_ended: what it is to do, under @lock
 */
struct visitor {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int own_fd;
	uint64_t due_ns;
	bool is_running;
	bool is_asked;
	bool is_ended;
};

/**
 * struct trail_counting - looks under way; only one thread at a time touches it
 * @place: the first is our own
 * @text: of a file, or what a driver yields
 * @irqs: of devices
 */
struct trail_counting {
	const struct trail_counting_opts *opts;
	struct trail_counters *series;
	struct place *place[LOOK_MAX_PLACE];
	size_t nr_place;
	char *text;
	size_t cap_text;
	struct look_irqs irqs;
	enum trail_look look;
	struct visitor visitor;
	int err;
};

/* look.c */
/* Reads a file into @counting->text, with a NUL behind it.  Return: its length or -errno. */
ssize_t look_read(struct trail_counting *counting, const char *path);
/* At least @size bytes at @counting->text. */
bool look_room(struct trail_counting *counting, size_t size);
/* Must this source be looked at now?  If so, look_done() is to follow. */
bool look_is_due(const struct trail_counting *counting, const struct place *place,
		 enum look_what what, uint64_t *began);
/* Until when what took @took_ns of a CPU is left alone. */
uint64_t look_rest(const struct trail_counting *counting, uint64_t took_ns);
void look_done(const struct trail_counting *counting, struct place *place, enum look_what what,
	       uint64_t began);
/* In the namespace of @place: everything that is of namespaces. */
void look_place(struct trail_counting *counting, struct place *place);
/* What is of the whole machine. */
void look_host(struct trail_counting *counting);

/* look-device.c */
/* SIOCETHTOOL.  Return: 0 or -errno. */
int look_ask(const struct place *place, const char *dev, void *request);
/* How many names a set (ETH_SS_STATS ...) has; 0 also where the device cannot tell. */
uint32_t look_count_strings(const struct place *place, const char *dev, uint32_t set);
void look_devices(struct trail_counting *counting, struct place *place);
void place_close(struct place *place);
void place_free(struct place *place);

/* look-setting.c */
void look_host_settings(struct trail_counting *counting);
void look_settings(struct trail_counting *counting, struct place *place);
void look_find_irqs(struct trail_counting *counting);

/* visit.c: the first call is visit_open() */
int visit_open(struct trail_counting *counting);
void visit(struct trail_counting *counting);
void visit_close(struct trail_counting *counting);

#endif /* COUNTERS_LOOK_H */
