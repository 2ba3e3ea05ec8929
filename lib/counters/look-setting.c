// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * look-setting.c - sysctls, sysfs, rings, offloads, affinities -> settings
 *
 * sysfs shows the devices of one network namespace only, that of whoever mounted it: our own as a
 * rule.  What is not there is left out: it is unknown.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "look.h"

#define PATH_SIZE	512
#define MAX_IRQ		4096
/* Of the queues of a device. */
#define MAX_QUEUE	64
#define MAX_FEATURE	1024

static const char *const host_sysctl[] = {
	"net/core/netdev_max_backlog", "net/core/netdev_budget", "net/core/netdev_budget_usecs",
	"net/core/dev_weight", "net/core/rmem_max", "net/core/rmem_default", "net/core/wmem_max",
	"net/core/rps_sock_flow_entries", "net/core/busy_poll",
};

static const char *const netns_sysctl[] = {
	"net/core/somaxconn", "net/ipv4/tcp_rmem", "net/ipv4/tcp_wmem", "net/ipv4/tcp_mem",
	"net/ipv4/udp_mem", "net/ipv4/udp_rmem_min", "net/ipv4/tcp_max_syn_backlog",
	"net/ipv4/tcp_syncookies", "net/ipv4/tcp_abort_on_overflow", "net/ipv4/ip_forward",
	"net/ipv4/ipfrag_high_thresh", "net/ipv4/ipfrag_low_thresh", "net/ipv4/ipfrag_time",
	"net/ipv6/ip6frag_high_thresh", "net/ipv4/conf/all/rp_filter",
};

/* Of struct ethtool_gfeatures, by the kernel's names (net/ethtool/common.c). */
static const char *const feature[] = {
	"rx-gro", "rx-gro-hw", "rx-gro-list", "rx-udp-gro-forwarding", "rx-lro", "rx-checksum",
	"rx-hashing", "tx-generic-segmentation", "tx-tcp-segmentation", "tx-tcp6-segmentation",
	"tx-udp-segmentation", "tx-checksum-ip-generic", "tx-checksum-ipv4", "tx-scatter-gather",
};

static void set(struct trail_counting *counting, uint32_t netns, const char *object,
		const char *name, const char *text)
{
	int err = series_set(counting->series, netns, object, name, text);

	if (err && !counting->err)
		counting->err = err;
}

/* The first line of a file.  Return: was there one? */
static bool read_line(struct trail_counting *counting, const char *path)
{
	if (look_read(counting, path) <= 0)
		return false;
	counting->text[strcspn(counting->text, "\n")] = '\0';
	for (char *at = counting->text; *at; at++)
		if (*at == '\t')
			*at = ' ';
	return true;
}

static void set_file(struct trail_counting *counting, uint32_t netns, const char *object,
		     const char *name, const char *path)
{
	if (read_line(counting, path))
		set(counting, netns, object, name, counting->text);
}

static void set_sysctl(struct trail_counting *counting, uint32_t netns, const char *path)
{
	char full[PATH_SIZE], name[PATH_SIZE];

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	snprintf(name, sizeof(name), "%s", path);
	for (char *at = name; *at; at++)
		if (*at == '/')
			*at = '.';
	set_file(counting, netns, "", name, full);
}

/* ---- drivers */

static void set_rings(struct trail_counting *counting, const struct place *place, const char *dev)
{
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };
	char text[64];

	if (look_ask(place, dev, &ring))
		return;
	snprintf(text, sizeof(text), "%u of %u", ring.rx_pending, ring.rx_max_pending);
	set(counting, place->netns, dev, "ring rx", text);
	snprintf(text, sizeof(text), "%u of %u", ring.tx_pending, ring.tx_max_pending);
	set(counting, place->netns, dev, "ring tx", text);
}

static uint32_t count_features(const struct place *place, const char *dev)
{
	uint32_t nr = look_count_strings(place, dev, ETH_SS_FEATURES);

	return nr <= MAX_FEATURE ? nr : 0;
}

static bool is_wanted_feature(const char *name)
{
	for (size_t i = 0; i < sizeof(feature) / sizeof(feature[0]); i++)
		if (!strncmp(feature[i], name, ETH_GSTRING_LEN))
			return true;
	return false;
}

static void set_features(struct trail_counting *counting, const struct place *place,
			 const char *dev)
{
	uint32_t nr = count_features(place, dev), blocks = (nr + 31) / 32;
	struct ethtool_gstrings *name;
	struct ethtool_gfeatures *bits;

	if (!nr)
		return;
	name = calloc(1, sizeof(*name) + (size_t)nr * ETH_GSTRING_LEN);
	bits = calloc(1, sizeof(*bits) + blocks * sizeof(bits->features[0]));
	if (name && bits) {
		*name = (struct ethtool_gstrings){ ETHTOOL_GSTRINGS, ETH_SS_FEATURES, nr };
		*bits = (struct ethtool_gfeatures){ ETHTOOL_GFEATURES, blocks };
	}
	if (name && bits && !look_ask(place, dev, name) && !look_ask(place, dev, bits))
		for (uint32_t i = 0; i < nr; i++) {
			char text[ETH_GSTRING_LEN + 1] = "";

			memcpy(text, name->data + (size_t)i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
			if (is_wanted_feature(text))
				set(counting, place->netns, dev, text,
				    bits->features[i / 32].active & 1u << i % 32 ? "on" : "off");
		}
	free(name);
	free(bits);
}

/* ---- sysfs */

static void set_queues(struct trail_counting *counting, uint32_t netns, const char *dev)
{
	static const struct { const char *kind; const char *file; } queue[] = {
		{ "rx", "rps_cpus" }, { "rx", "rps_flow_cnt" }, { "tx", "xps_cpus" },
	};
	char path[PATH_SIZE], name[64];

	for (size_t i = 0; i < sizeof(queue) / sizeof(queue[0]); i++)
		for (unsigned int n = 0; n < MAX_QUEUE; n++) {
			snprintf(path, sizeof(path), "/sys/class/net/%s/queues/%s-%u/%s", dev,
				 queue[i].kind, n, queue[i].file);
			if (!read_line(counting, path))
				break;
			snprintf(name, sizeof(name), "%s-%u %s", queue[i].kind, n, queue[i].file);
			set(counting, netns, dev, name, counting->text);
		}
}

static void set_sysfs(struct trail_counting *counting, uint32_t netns, const char *dev)
{
	static const char *const file[] = {
		"mtu", "tx_queue_len", "threaded", "gro_flush_timeout", "napi_defer_hard_irqs",
	};
	char path[PATH_SIZE];

	for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/%s", dev, file[i]);
		set_file(counting, netns, dev, file[i], path);
	}
	set_queues(counting, netns, dev);
}

void look_settings(struct trail_counting *counting, struct place *place)
{
	size_t nr = place->nr_device < LOOK_MAX_DEVICE ? place->nr_device : LOOK_MAX_DEVICE;
	char inode[24];

	snprintf(inode, sizeof(inode), "%llu", (unsigned long long)place->inode);
	set(counting, place->netns, "", "netns", inode);
	for (size_t i = 0; i < sizeof(netns_sysctl) / sizeof(netns_sysctl[0]); i++)
		set_sysctl(counting, place->netns, netns_sysctl[i]);
	for (size_t i = 0; i < nr; i++) {
		const struct parse_device *device = &place->device[i].is;

		if (!device->is_up)
			continue;
		if (*device->kind)
			set(counting, place->netns, device->name, "kind", device->kind);
		set_rings(counting, place, device->name);
		set_features(counting, place, device->name);
		if (!place->path)
			set_sysfs(counting, place->netns, device->name);
	}
}

/* ---- interrupts */

static void add_irq(struct trail_counting *counting, unsigned int irq)
{
	struct look_irqs *irqs = &counting->irqs;
	unsigned int *more;

	for (size_t i = 0; i < irqs->nr; i++)
		if (irqs->irq[i] == irq)
			return;
	more = irqs->nr < MAX_IRQ ? reallocarray(irqs->irq, irqs->nr + 1, sizeof(*more)) : NULL;
	if (!more)
		return;
	irqs->irq = more;
	more[irqs->nr++] = irq;
}

static bool add_msi(struct trail_counting *counting, const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir)
		return false;
	while ((entry = readdir(dir)) != NULL)
		if (*entry->d_name >= '0' && *entry->d_name <= '9')
			add_irq(counting, (unsigned int)strtoul(entry->d_name, NULL, 10));
	closedir(dir);
	return true;
}

/* Of a virtio device it is the device above that has them. */
void look_find_irqs(struct trail_counting *counting)
{
	const struct place *place = counting->place[0];
	char path[PATH_SIZE];

	counting->irqs.nr = 0;
	for (size_t i = 0; i < place->nr_device && i < LOOK_MAX_DEVICE; i++) {
		const char *dev = place->device[i].is.name;

		snprintf(path, sizeof(path), "/sys/class/net/%s/device/msi_irqs", dev);
		if (add_msi(counting, path))
			continue;
		snprintf(path, sizeof(path), "/sys/class/net/%s/device/../msi_irqs", dev);
		if (add_msi(counting, path))
			continue;
		snprintf(path, sizeof(path), "/sys/class/net/%s/device/irq", dev);
		if (read_line(counting, path) && *counting->text != '0')
			add_irq(counting, (unsigned int)strtoul(counting->text, NULL, 10));
	}
}

/* Those whose counters are there: their objects begin with the number. */
static void set_affinity(struct trail_counting *counting, const char *object)
{
	unsigned int irq = (unsigned int)strtoul(object, NULL, 10);
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/irq/%u/smp_affinity_list", irq);
	set_file(counting, SERIES_HOST, object, "smp_affinity_list", path);
	snprintf(path, sizeof(path), "/proc/irq/%u/effective_affinity_list", irq);
	set_file(counting, SERIES_HOST, object, "effective_affinity_list", path);
}

void look_host_settings(struct trail_counting *counting)
{
	const struct trail_counters *series = counting->series;

	for (size_t i = 0; i < sizeof(host_sysctl) / sizeof(host_sysctl[0]); i++)
		set_sysctl(counting, SERIES_HOST, host_sysctl[i]);
	for (size_t i = 0; i < series->nr_group; i++)
		if (series->group[i]->netns == SERIES_HOST && !series->group[i]->is_gone &&
		    !strcmp(series->group[i]->source, "interrupts"))
			set_affinity(counting, series->group[i]->object);
}
