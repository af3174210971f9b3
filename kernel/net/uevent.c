/*
 * NETLINK_KOBJECT_UEVENT: devices that come and go, as udev(7) hears of them: a line "ACTION@PATH"
 * and words KEY=VALUE, each ended by a NUL.
 */
#include <compiler.h>
#include <uapi/netlink.h>

#include "lib/printf.h"
#include "net/netlink.h"
#include "net/rtnetlink.h"

#define UEVENT_ROOM  512
#define UEVENT_GROUP 1

static u64 uevent_seqnum; /* [a] */

static void put_word(struct nl_writer *w, const char *fmt, const char *value)
{
	w->len += (u32)scnprintf((char *)w->buf + w->len, w->cap - w->len, fmt, value) + 1;
}

void uevent_netdev(struct netdev *d, const char *action)
{
	u64 seq = __atomic_add_fetch(&uevent_seqnum, 1, __ATOMIC_RELAXED);
	struct nl_writer w;
	char text[24];

	if (!nl_listened(d->net, NETLINK_KOBJECT_UEVENT, UEVENT_GROUP) ||
	    !nl_writer_init(&w, UEVENT_ROOM))
		return;
	w.len = (u32)scnprintf((char *)w.buf, w.cap, "%s@/devices/virtual/net/%s", action,
			       d->name) +
		1;
	put_word(&w, "ACTION=%s", action);
	put_word(&w, "DEVPATH=/devices/virtual/net/%s", d->name);
	put_word(&w, "SUBSYSTEM=%s", "net");
	put_word(&w, "INTERFACE=%s", d->name);
	snprintf(text, sizeof(text), "%d", d->ifindex);
	put_word(&w, "IFINDEX=%s", text);
	snprintf(text, sizeof(text), "%lu", seq);
	put_word(&w, "SEQNUM=%s", text);
	nl_notify(d->net, NETLINK_KOBJECT_UEVENT, UEVENT_GROUP, &w);
}
