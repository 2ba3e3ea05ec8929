// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * look-device.c - rtnetlink and ethtool -> counters of devices and their qdiscs
 *
 * Both are told to anybody: neither dumps nor these ioctls need a capability
 * (net/ethtool/ioctl.c: dev_ethtool()).
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "look.h"

/* Statistics that a driver has more of when they are read than it had when it was asked. */
#define SPARE	256
#define MAX_STAT	65536
/* The most that the kernel puts into one piece of a dump (net/netlink/af_netlink.c). */
#define DUMP_BYTES	32768

/* Of a dump: what the callbacks need. */
struct dump {
	struct trail_counting *counting;
	struct place *place;
	struct tally tally;
};

void place_close(struct place *place)
{
	if (place->netlink)
		mnl_socket_close(place->netlink);
	if (place->fd >= 0)
		close(place->fd);
	place->netlink = NULL;
	place->fd = -1;
}

void place_free(struct place *place)
{
	if (!place)
		return;
	place_close(place);
	for (size_t i = 0; i < place->nr_device; i++)
		free(place->device[i].string);
	free(place->device);
	free(place->path);
	free(place);
}

static bool place_open(struct place *place)
{
	if (place->fd < 0)
		place->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (place->netlink)
		return true;
	place->netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (place->netlink && mnl_socket_bind(place->netlink, 0, MNL_SOCKET_AUTOPID)) {
		mnl_socket_close(place->netlink);
		place->netlink = NULL;
	}
	return place->netlink;
}

/* All answers to a dump of @type, of which the request is @size zeroed bytes. */
static int dump_all(struct dump *dump, int type, size_t size, mnl_cb_t take)
{
	struct trail_counting *counting = dump->counting;
	struct mnl_socket *netlink = dump->place->netlink;
	char request[256];
	struct nlmsghdr *header = mnl_nlmsg_put_header(request);
	unsigned int seq = (unsigned int)type << 16 | (counting->series->look & 0xffff);
	ssize_t n = 0;
	int more = 1;

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = seq;
	mnl_nlmsg_put_extra_header(header, size);
	if (!look_room(counting, DUMP_BYTES))
		return -ENOMEM;
	if (mnl_socket_sendto(netlink, header, header->nlmsg_len) < 0)
		return -errno;
	while (more > 0) {
		n = mnl_socket_recvfrom(netlink, counting->text, DUMP_BYTES);
		if (n <= 0)
			return n ? -errno : -EIO;
		more = mnl_cb_run(counting->text, n, seq, mnl_socket_get_portid(netlink), take,
				  dump);
	}
	return more < 0 ? -errno : 0;
}

/* ---- devices */

static struct look_device *find_device(struct place *place, uint32_t index)
{
	for (size_t i = 0; i < place->nr_device; i++)
		if (place->device[i].is.index == index)
			return &place->device[i];
	return NULL;
}

static void forget_strings(struct look_device *device)
{
	free(device->string);
	device->string = NULL;
	device->nr_string = 0;
	device->has_none = false;
}

static struct look_device *add_device(struct place *place)
{
	struct look_device *more;

	more = reallocarray(place->device, place->nr_device + 1, sizeof(*more));
	if (!more)
		return NULL;
	place->device = more;
	more[place->nr_device] = (struct look_device){ 0 };
	return &more[place->nr_device++];
}

static int take_link(const struct nlmsghdr *header, void *data)
{
	struct dump *dump = data;
	struct look_device *device;
	struct parse_device is;

	if (!parse_link(header, header->nlmsg_len, &is, &dump->tally))
		return MNL_CB_OK;
	device = find_device(dump->place, is.index);
	if (!device)
		device = add_device(dump->place);
	if (!device)
		return MNL_CB_OK;
	if (strcmp(device->is.name, is.name))
		forget_strings(device);
	device->is = is;
	device->look = dump->counting->series->look;
	return MNL_CB_OK;
}

static void forget_devices(struct trail_counting *counting, struct place *place)
{
	size_t nr = 0;

	for (size_t i = 0; i < place->nr_device; i++) {
		if (place->device[i].look == counting->series->look)
			place->device[nr++] = place->device[i];
		else
			forget_strings(&place->device[i]);
	}
	place->nr_device = nr;
}

/* Where netlink cannot be had, as in some containers. */
static void look_proc_dev(struct trail_counting *counting, struct place *place)
{
	ssize_t size = look_read(counting, "/proc/thread-self/net/dev");
	struct tally tally;

	if (size < 0)
		return;
	tally_begin(&tally, counting->series, place->netns, "dev");
	parse_dev(counting->text, size, &tally);
	tally_end(&tally);
}

static void look_links(struct trail_counting *counting, struct place *place)
{
	struct dump dump = { counting, place };
	uint64_t began;
	int err;

	if (!look_is_due(counting, place, LOOK_LINK, &began))
		return;
	tally_begin(&dump.tally, counting->series, place->netns, "dev");
	err = place_open(place) ? dump_all(&dump, RTM_GETLINK, sizeof(struct ifinfomsg), take_link)
				: -errno;
	if (err) {
		series_note(counting->series, "%s: devices by netlink: %s",
			    counting->series->netns[place->netns], strerror(-err));
		look_proc_dev(counting, place);
	} else {
		tally_end(&dump.tally);
		forget_devices(counting, place);
	}
	look_done(counting, place, LOOK_LINK, began);
}

static const char *name_of(void *data, uint32_t index)
{
	const struct look_device *device = find_device(data, index);

	return device ? device->is.name : NULL;
}

static int take_qdisc(const struct nlmsghdr *header, void *data)
{
	struct dump *dump = data;

	parse_qdisc(header, header->nlmsg_len, name_of, dump->place, &dump->tally);
	return MNL_CB_OK;
}

static void look_qdiscs(struct trail_counting *counting, struct place *place)
{
	struct dump dump = { counting, place };
	uint64_t began;
	int err;

	if (!place->netlink || !look_is_due(counting, place, LOOK_QDISC, &began))
		return;
	tally_begin(&dump.tally, counting->series, place->netns, "qdisc");
	err = dump_all(&dump, RTM_GETQDISC, sizeof(struct tcmsg), take_qdisc);
	if (err)
		series_note(counting->series, "%s: qdiscs: %s",
			    counting->series->netns[place->netns], strerror(-err));
	else
		tally_end(&dump.tally);
	look_done(counting, place, LOOK_QDISC, began);
}

/* ---- drivers */

int look_ask(const struct place *place, const char *dev, void *request)
{
	struct ifreq ifr = { .ifr_data = request };

	memcpy(ifr.ifr_name, dev, strnlen(dev, sizeof(ifr.ifr_name) - 1));
	return ioctl(place->fd, SIOCETHTOOL, &ifr) ? -errno : 0;
}

uint32_t look_count_strings(const struct place *place, const char *dev, uint32_t set)
{
	/* The answer has a number for each set that was asked for. */
	union {
		struct ethtool_sset_info info;
		uint32_t word[sizeof(struct ethtool_sset_info) / sizeof(uint32_t) + 1];
	} request = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = UINT64_C(1) << set } };

	if (look_ask(place, dev, &request) || !request.info.sset_mask)
		return 0;
	return request.word[offsetof(struct ethtool_sset_info, data) / sizeof(uint32_t)];
}

/* How many statistics the driver has; 0 where it has none. */
static uint32_t count_stats(const struct place *place, const struct look_device *device)
{
	uint32_t nr = look_count_strings(place, device->is.name, ETH_SS_STATS);

	return nr < MAX_STAT ? nr : 0;
}

static int read_strings(const struct place *place, struct look_device *device, uint32_t nr)
{
	size_t size = sizeof(struct ethtool_gstrings) + (size_t)(nr + SPARE) * ETH_GSTRING_LEN;
	struct ethtool_gstrings *request = calloc(1, size);
	int err;

	if (!request)
		return -ENOMEM;
	*request = (struct ethtool_gstrings){ ETHTOOL_GSTRINGS, ETH_SS_STATS, nr };
	err = look_ask(place, device->is.name, request);
	if (!err && request->len != nr)
		err = -EAGAIN;
	forget_strings(device);
	if (!err) {
		device->string = malloc((size_t)nr * ETH_GSTRING_LEN);
		err = device->string ? 0 : -ENOMEM;
	}
	if (!err) {
		memcpy(device->string, request->data, (size_t)nr * ETH_GSTRING_LEN);
		device->nr_string = nr;
	}
	free(request);
	return err;
}

static void look_driver(struct trail_counting *counting, struct place *place,
			struct look_device *device, struct tally *tally)
{
	uint32_t nr = count_stats(place, device);
	struct ethtool_stats *request;

	if (!nr) {
		device->has_none = true;
		return;
	}
	if (nr != device->nr_string && read_strings(place, device, nr))
		return;
	/* The driver's own count decides how much is written. */
	request = calloc(1, sizeof(*request) + (size_t)(nr + SPARE) * sizeof(uint64_t));
	if (!request)
		return;
	*request = (struct ethtool_stats){ ETHTOOL_GSTATS, nr };
	if (!look_ask(place, device->is.name, request) && request->n_stats == nr) {
		tally_object(tally, device->is.name, device->is.index);
		parse_ethtool(device->string, (const uint64_t *)request->data, nr, tally);
	}
	free(request);
}

static void look_drivers(struct trail_counting *counting, struct place *place)
{
	struct tally tally;
	uint64_t began;
	size_t nr = 0;

	if (place->fd < 0 || !look_is_due(counting, place, LOOK_ETHTOOL, &began))
		return;
	tally_begin(&tally, counting->series, place->netns, "ethtool");
	for (size_t i = 0; i < place->nr_device; i++) {
		struct look_device *device = &place->device[i];

		if ((!device->is.is_up && !device->nr_string) || device->has_none)
			continue;
		if (nr++ < LOOK_MAX_DEVICE)
			look_driver(counting, place, device, &tally);
	}
	if (nr > LOOK_MAX_DEVICE)
		series_note(counting->series, "%s: only %d of %zu devices: statistics of drivers",
			    counting->series->netns[place->netns], LOOK_MAX_DEVICE, nr);
	tally_end(&tally);
	look_done(counting, place, LOOK_ETHTOOL, began);
}

void look_devices(struct trail_counting *counting, struct place *place)
{
	look_links(counting, place);
	look_qdiscs(counting, place);
	if (!counting->opts->only_drops)
		look_drivers(counting, place);
}
