// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * visit.c - the network namespaces that there are -> looks inside of them
 *
 * A file of procfs shows the namespace of whoever opens it, and a socket keeps the namespace that
 * it was opened in: so a thread of its own goes in, looks, and takes nothing with it.  It is there
 * only if there is somewhere to go to, and of what its caller may do it keeps CAP_SYS_ADMIN.
 * Namespaces that come later are found as long as there is such a thread.
 */
#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "look.h"

/* Where ip-netns(8) has them. */
#define NAMED_DIR	"/run/netns"
#define OWN_PATH	"/proc/self/ns/net"
#define PATH_SIZE	512

/* ---- which there are */

static struct place *add_place(struct trail_counting *counting, const char *path, uint64_t inode,
			       const char *name)
{
	struct place *place;
	int netns;

	if (counting->nr_place == LOOK_MAX_PLACE) {
		series_note(counting->series, "more than %d network namespaces: %s is left out",
			    LOOK_MAX_PLACE, name);
		return NULL;
	}
	netns = series_new_netns(counting->series, name);
	place = netns < 0 ? NULL : calloc(1, sizeof(*place));
	if (!place)
		return NULL;
	*place = (struct place){ .fd = -1, .inode = inode, .netns = netns };
	place->path = path ? strdup(path) : NULL;
	if (path && !place->path) {
		free(place);
		return NULL;
	}
	counting->place[counting->nr_place++] = place;
	return place;
}

static bool is_known(const struct trail_counting *counting, uint64_t inode)
{
	for (size_t i = 0; i < counting->nr_place; i++)
		if (counting->place[i]->inode == inode && !counting->place[i]->is_gone)
			return true;
	return false;
}

static bool inode_of(const char *path, uint64_t *inode)
{
	struct stat st;

	*inode = 0;
	if (stat(path, &st))
		return false;
	*inode = st.st_ino;
	return true;
}

static void find_named(struct trail_counting *counting)
{
	struct dirent *entry;
	DIR *dir = opendir(NAMED_DIR);
	char path[PATH_SIZE];
	uint64_t inode;

	while (dir && (entry = readdir(dir)) != NULL) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), NAMED_DIR "/%s", entry->d_name);
		if (inode_of(path, &inode) && !is_known(counting, inode))
			add_place(counting, path, inode, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static void find_processes(struct trail_counting *counting)
{
	const struct trail_counting_opts *opts = counting->opts;
	char path[PATH_SIZE], name[32];
	uint64_t inode;

	for (size_t i = 0; i < opts->nr_pid; i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/net", opts->pid[i]);
		snprintf(name, sizeof(name), "pid %d", opts->pid[i]);
		if (inode_of(path, &inode) && !is_known(counting, inode))
			add_place(counting, path, inode, name);
	}
}

/* Ours may have a name. */
static int find_own(struct trail_counting *counting)
{
	char path[PATH_SIZE], name[PATH_SIZE] = "own";
	uint64_t own, inode;
	struct dirent *entry;
	DIR *dir;

	inode_of(OWN_PATH, &own);
	dir = counting->opts->only_own ? NULL : opendir(NAMED_DIR);
	while (dir && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), NAMED_DIR "/%s", entry->d_name);
		if (inode_of(path, &inode) && inode == own)
			snprintf(name, sizeof(name), "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return add_place(counting, NULL, own, name) ? 0 : -ENOMEM;
}

/* ---- going there */

static void say_gone(struct trail_counting *counting, struct place *place, const char *why)
{
	struct trail_counters *series = counting->series;

	place->is_gone = true;
	for (size_t i = 0; i < series->nr_group; i++)
		if (series->group[i]->netns == place->netns)
			series_gone(series, series->group[i]);
	for (size_t i = 0; i < series->nr_source; i++)
		if (series->source[i].netns == place->netns)
			series_source_gone(series, &series->source[i]);
	series_note(series, "network namespace %s: %s", series->netns[place->netns], why);
}

static void visit_place(struct trail_counting *counting, struct place *place)
{
	int fd = open(place->path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || st.st_ino != place->inode) {
		say_gone(counting, place, "removed meanwhile");
	} else if (setns(fd, CLONE_NEWNET)) {
		say_gone(counting, place, strerror(errno));
	} else {
		look_place(counting, place);
		place_close(place);
	}
	if (fd >= 0)
		close(fd);
}

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* All together take no more than a source does: the more there are, the rarer. */
static void visit_all(struct trail_counting *counting)
{
	uint64_t began = cpu_ns();

	if (counting->look != TRAIL_LOOK_ALL &&
	    counting->series->now_ns < counting->visitor.due_ns)
		return;
	find_named(counting);
	for (size_t i = 1; i < counting->nr_place; i++)
		if (!counting->place[i]->is_gone)
			visit_place(counting, counting->place[i]);
	/* It would be kept alive by our being there. */
	if (setns(counting->visitor.own_fd, CLONE_NEWNET))
		series_note(counting->series, "cannot leave a network namespace: %s",
			    strerror(errno));
	counting->visitor.due_ns = look_rest(counting, cpu_ns() - began);
}

static void keep_one_capability(void)
{
	/* Each thread has its own. */
	capng_clear(CAPNG_SELECT_CAPS);
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SYS_ADMIN);
	/* Where we have not got it, setns() says so. */
	(void)capng_apply(CAPNG_SELECT_CAPS);
}

static void *run(void *data)
{
	struct trail_counting *counting = data;
	struct visitor *visitor = &counting->visitor;

	keep_one_capability();
	pthread_mutex_lock(&visitor->lock);
	while (!visitor->is_ended) {
		if (visitor->is_asked) {
			visit_all(counting);
			visitor->is_asked = false;
			pthread_cond_broadcast(&visitor->changed);
		}
		pthread_cond_wait(&visitor->changed, &visitor->lock);
	}
	pthread_mutex_unlock(&visitor->lock);
	return NULL;
}

static int start(struct trail_counting *counting)
{
	struct visitor *visitor = &counting->visitor;
	sigset_t all, before;
	int err;

	visitor->own_fd = open(OWN_PATH, O_RDONLY | O_CLOEXEC);
	if (visitor->own_fd < 0)
		return -errno;
	/* Signals are the caller's. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = pthread_create(&visitor->thread, NULL, run, counting);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	visitor->is_running = !err;
	return -err;
}

int visit_open(struct trail_counting *counting)
{
	int err = find_own(counting);

	pthread_mutex_init(&counting->visitor.lock, NULL);
	pthread_cond_init(&counting->visitor.changed, NULL);
	if (err || counting->opts->only_own)
		return err;
	find_processes(counting);
	find_named(counting);
	if (counting->nr_place < 2)
		return 0;
	err = start(counting);
	if (err)
		series_note(counting->series, "other network namespaces: %s", strerror(-err));
	return 0;
}

void visit(struct trail_counting *counting)
{
	struct visitor *visitor = &counting->visitor;

	if (!visitor->is_running)
		return;
	pthread_mutex_lock(&visitor->lock);
	visitor->is_asked = true;
	pthread_cond_broadcast(&visitor->changed);
	while (visitor->is_asked)
		pthread_cond_wait(&visitor->changed, &visitor->lock);
	pthread_mutex_unlock(&visitor->lock);
}

void visit_close(struct trail_counting *counting)
{
	struct visitor *visitor = &counting->visitor;

	if (visitor->is_running) {
		pthread_mutex_lock(&visitor->lock);
		visitor->is_ended = true;
		pthread_cond_broadcast(&visitor->changed);
		pthread_mutex_unlock(&visitor->lock);
		pthread_join(visitor->thread, NULL);
	}
	if (visitor->own_fd >= 0)
		close(visitor->own_fd);
}
