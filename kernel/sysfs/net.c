/*
 * /sys/class/net: a folder for each network device, which is in /sys/devices/virtual/net. The arg of
 * what is in it is the device's number.
 */
#include "sysfs/net.h"

#include <uapi/errno.h>

#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "net/net.h"

/* Valid until the next sleep; NULL: it is gone. */
static struct netdev *device(const struct subject *s)
{
	return netdev_by_index(current_net(), (int)s->arg);
}

static int put_address(struct text *out, const struct netdev *d, const u8 *addr)
{
	for (unsigned i = 0; i < d->addr_len; i++)
		text_printf(out, "%s%02x", i ? ":" : "", addr[i]);
	text_puts(out, "\n");
	return 0;
}

static int address_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);

	return d ? put_address(out, d, d->addr) : -ENODEV;
}

static int broadcast_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);

	return d ? put_address(out, d, d->broadcast) : -ENODEV;
}

/* Asked only of one that is up: Linux has it so. */
static int carrier_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);

	if (!d || !(d->flags & IFF_UP))
		return d ? -EINVAL : -ENODEV;
	text_printf(out, "%d\n", d->carrier);
	return 0;
}

static int dormant_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);

	if (!d || !(d->flags & IFF_UP))
		return d ? -EINVAL : -ENODEV;
	text_puts(out, "0\n");
	return 0;
}

static int flags_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);

	if (!d)
		return -ENODEV;
	text_printf(out, "0x%x\n", (d->flags & 0xffff) | (d->promisc > 0 ? IFF_PROMISC : 0));
	return 0;
}

static int operstate_show(struct text *out, const struct subject *s)
{
	static const char *const names[] = { "unknown", "notpresent", "down", "lowerlayerdown",
					     "testing", "dormant",    "up" };
	const struct netdev *d = device(s);

	if (!d)
		return -ENODEV;
	text_printf(out, "%s\n", names[netdev_operstate(d)]);
	return 0;
}

/* The number of the other end, or its own. */
static u32 link_of(const struct netdev *d)
{
	const struct netdev *peer = d->ops->peer ? d->ops->peer(d) : d;

	return peer ? (u32)peer->ifindex : 0;
}

static int number(struct text *out, const struct netdev *d, const char *what)
{
	u32 v = str_equal(what, "mtu")		      ? d->mtu :
		str_equal(what, "type")		      ? d->type :
		str_equal(what, "addr_len")	      ? d->addr_len :
		str_equal(what, "ifindex")	      ? (u32)d->ifindex :
		str_equal(what, "iflink")	      ? link_of(d) :
		str_equal(what, "netdev_group")	      ? d->group :
		str_equal(what, "carrier_changes")    ? d->carrier_ups + d->carrier_downs :
		str_equal(what, "carrier_up_count")   ? d->carrier_ups :
		str_equal(what, "carrier_down_count") ? d->carrier_downs :
							d->txqlen;

	text_printf(out, "%u\n", v);
	return 0;
}

static int net_number_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);

	return d ? number(out, d, s->node->name) : -ENODEV;
}

static int net_number_store(const struct subject *s, char *text, size_t n)
{
	const char *p = text;
	struct netdev *d;
	s64 v;
	int err;

	(void)n;
	if (scan_s64(&p, 0, &v) || (*p && *p != '\n') || v < 0 || v > S32_MAX)
		return -EINVAL;
	mutex_lock(&current_net()->mutex);
	d = device(s);
	if (!d) {
		err = -ENODEV;
	} else if (str_equal(s->node->name, "mtu")) {
		err = netdev_set_mtu(d, (u32)v);
	} else if (str_equal(s->node->name, "netdev_group")) {
		WRITE_ONCE(d->group, (u32)v);
		err = 0;
	} else {
		WRITE_ONCE(d->txqlen, (u32)v);
		err = 0;
	}
	mutex_unlock(&current_net()->mutex);
	return err;
}

static int alias_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);

	if (d && d->alias[0])
		text_printf(out, "%s\n", d->alias);
	return d ? 0 : -ENODEV;
}

/* Neither has a line speed that anybody could tell. */
static int no_speed_show(struct text *out __unused, const struct subject *s)
{
	return device(s) ? -EINVAL : -ENODEV;
}

static int net_uevent_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);

	if (!d)
		return -ENODEV;
	text_printf(out, "INTERFACE=%s\nIFINDEX=%d\n", d->name, d->ifindex);
	return 0;
}

/* data: where the counter is in struct netdev_stats; NULL: one that is never counted. */
static int counter_show(struct text *out, const struct subject *s)
{
	const struct netdev *d = device(s);
	struct netdev_stats sum;
	u64 at = (u64)s->node->data;

	if (!d)
		return -ENODEV;
	netdev_sum_stats(d, &sum);
	text_printf(out, "%lu\n", at ? *(u64 *)((u8 *)&sum + at - 1) : 0);
	return 0;
}

#define COUNTER(nm, member)                                                       \
	{                                                                         \
		.name = (nm), .mode = S_IFREG | 0444, .show = counter_show,       \
		.data = (const void *)(offsetof(struct netdev_stats, member) + 1) \
	}
#define NO_COUNTER(nm) NODE_FILE(nm, counter_show)

static const struct node statistics_table[] = {
	NO_COUNTER("collisions"),
	COUNTER("multicast", multicast),
	COUNTER("rx_bytes", rx_bytes),
	NO_COUNTER("rx_compressed"),
	NO_COUNTER("rx_crc_errors"),
	COUNTER("rx_dropped", rx_dropped),
	COUNTER("rx_errors", rx_errors),
	NO_COUNTER("rx_fifo_errors"),
	NO_COUNTER("rx_frame_errors"),
	NO_COUNTER("rx_length_errors"),
	NO_COUNTER("rx_missed_errors"),
	NO_COUNTER("rx_nohandler"),
	NO_COUNTER("rx_over_errors"),
	COUNTER("rx_packets", rx_packets),
	NO_COUNTER("tx_aborted_errors"),
	COUNTER("tx_bytes", tx_bytes),
	NO_COUNTER("tx_carrier_errors"),
	NO_COUNTER("tx_compressed"),
	COUNTER("tx_dropped", tx_dropped),
	COUNTER("tx_errors", tx_errors),
	NO_COUNTER("tx_fifo_errors"),
	NO_COUNTER("tx_heartbeat_errors"),
	COUNTER("tx_packets", tx_packets),
	NO_COUNTER("tx_window_errors"),
	{ .name = NULL },
};

#define NODE_SET(nm)                                                           \
	{                                                                      \
		.name = (nm), .mode = S_IFREG | 0644, .show = net_number_show, \
		.store = net_number_store                                      \
	}
#define NODE_TEXT(nm, text)                                                                    \
	{                                                                                      \
		.name = (nm), .mode = S_IFREG | 0444, .show = constant_show, .data = text "\n" \
	}

static const struct node net_table[] = {
	NODE_FILE("addr_len", net_number_show),
	NODE_FILE("address", address_show),
	NODE_FILE("broadcast", broadcast_show),
	NODE_FILE("carrier", carrier_show),
	NODE_FILE("carrier_changes", net_number_show),
	NODE_FILE("carrier_down_count", net_number_show),
	NODE_FILE("carrier_up_count", net_number_show),
	NODE_TEXT("dev_id", "0x0"),
	NODE_TEXT("dev_port", "0"),
	NODE_FILE("dormant", dormant_show),
	NODE_FILE("duplex", no_speed_show),
	NODE_FILE("flags", flags_show),
	NODE_FILE("ifalias", alias_show),
	NODE_FILE("ifindex", net_number_show),
	NODE_FILE("iflink", net_number_show),
	NODE_TEXT("link_mode", "0"),
	NODE_SET("mtu"),
	NODE_SET("netdev_group"),
	NODE_FILE("operstate", operstate_show),
	NODE_TEXT("proto_down", "0"),
	NODE_FILE("speed", no_speed_show),
	NODE_DIR("statistics", statistics_table),
	NODE_SUBSYSTEM("net"),
	NODE_TEXT("testing", "0"),
	NODE_SET("tx_queue_len"),
	NODE_FILE("type", net_number_show),
	NODE_FILE("uevent", net_uevent_show),
	{ .name = NULL },
};

static const struct node net_dir = NODE_DIR("NET", net_table);

static const char *net_link(const struct subject *s, char *buf, size_t n)
{
	const struct netdev *d = device(s);

	snprintf(buf, n, "../../devices/virtual/net/%s", d ? d->name : "?");
	return buf;
}

static const struct node net_from_class = { .name = "LINK",
					    .mode = S_IFLNK | 0777,
					    .link = net_link };

static void found(const struct subject *s, const struct netdev *d, struct place *to)
{
	to->node = s->node->data ? &net_from_class : &net_dir;
	to->arg = (u64)d->ifindex;
}

int sysfs_net_lookup(const struct subject *s, const char *name, struct place *to)
{
	const struct netdev *d = netdev_find(current_net(), name);

	if (!d)
		return -ENOENT;
	found(s, d, to);
	return 0;
}

bool sysfs_net_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	const struct netdev *d, *best = NULL;

	list_for_each_entry_rcu(d, &current_net()->devices, link)
		if ((u64)d->ifindex >= *key && (!best || d->ifindex < best->ifindex))
			best = d;
	if (!best)
		return false;
	*key = (u64)best->ifindex;
	strlcpy(name, best->name, NAME_DYNAMIC_MAX);
	found(s, best, to);
	return true;
}
