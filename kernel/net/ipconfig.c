/*
 * ip= on the command line: addresses before the first program runs, as Linux's nfsroot.rst has it:
 *
 *	ip=CLIENT:SERVER:GATEWAY:NETMASK:HOSTNAME:DEVICE:AUTOCONF:DNS0:DNS1
 *
 * Empty fields may be left out at the end. SERVER and HOSTNAME are for a root by NFS, which there is
 * not; the name servers are shown in /proc/net/pnp. Asking the network (ip=dhcp and its like) is a program's work: dhcp(8).
 */
#include "net/ipconfig.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/rtnetlink.h>

#include "lib/parse.h"
#include "lib/string.h"
#include "net/ipv4.h"
#include "net/net.h"
#include "net/route.h"
#include "sync/cmdline.h"
#include "sync/log.h"

enum { CLIENT, SERVER, GATEWAY, NETMASK, HOSTNAME, DEVICE, AUTOCONF, DNS0, DNS1, FIELDS };

be32 ipconfig_dns[2];

/* a.b.c.d; false: it is not one. Empty is 0. */
static bool parse_addr(const char *s, be32 *addr)
{
	u32 a = 0;

	*addr = 0;
	if (!*s)
		return true;
	for (int i = 0; i < 4; i++) {
		s64 v;

		if (scan_s64(&s, 10, &v) || v < 0 || v > 255 || *s != (i < 3 ? '.' : '\0'))
			return false;
		a = a << 8 | (u32)v;
		s += i < 3;
	}
	*addr = cpu_to_be32(a);
	return true;
}

/* The one named, or the first that is not the loopback. */
static struct netdev *find_device(struct net *net, const char *name)
{
	struct netdev *d;

	if (*name)
		return netdev_find(net, name);
	list_for_each_entry(d, &net->devices, link)
		if (!(d->flags & IFF_LOOPBACK))
			return d;
	return NULL;
}

static int configure(struct net *net, char *const f[FIELDS])
{
	struct ip4_addr_config c = { .valid = ~0u, .preferred = ~0u };
	struct route_config r = { .table = ROUTE_TABLE_MAIN,
				  .type = ROUTE_UNICAST,
				  .protocol = RTPROT_BOOT,
				  .dst = addr_from_v4(0),
				  .prefsrc = addr_from_v4(0) };
	be32 gateway, mask;
	struct netdev *d;
	u32 m;
	int err;

	if (!parse_addr(f[CLIENT], &c.local) || !parse_addr(f[GATEWAY], &gateway) ||
	    !parse_addr(f[NETMASK], &mask) || !c.local || !parse_addr(f[DNS0], &ipconfig_dns[0]) ||
	    !parse_addr(f[DNS1], &ipconfig_dns[1]))
		return -EINVAL;
	m = be32_to_cpu(mask);
	if (!m) /* by the class it once had */
		m = *(const u8 *)&c.local < 128 ? 0xff000000 :
		    *(const u8 *)&c.local < 192 ? 0xffff0000 :
						  0xffffff00;
	while (c.prefix_len < 32 && m & 0x80000000 >> c.prefix_len)
		c.prefix_len++;
	if (c.prefix_len < 32 && m << c.prefix_len)
		return -EINVAL;
	if (c.prefix_len < 31)
		c.broadcast = c.local | cpu_to_be32(~m);
	d = find_device(net, f[DEVICE]);
	if (!d)
		return -ENODEV;
	err = netdev_set_flags(d, IFF_UP, IFF_UP);
	if (!err)
		err = ip4_addr_add(d, &c);
	if (err || !gateway)
		return err;
	r.gateway = addr_from_v4(gateway);
	r.dev = d;
	return route_add(net, &r, ROUTE_CREATE);
}

void ipconfig(struct net *net)
{
	char text[256], *f[FIELDS], *p = text;
	int err;

	if (cmdline_get("ip", text, sizeof(text)) <= 0 || str_equal(text, "off") ||
	    str_equal(text, "none"))
		return;
	for (int i = 0; i < FIELDS; i++) {
		f[i] = p;
		p += strcspn(p, ":");
		if (*p)
			*p++ = '\0';
	}
	if (!strchr(f[CLIENT], '.') ||
	    (*f[AUTOCONF] && !str_equal(f[AUTOCONF], "off") && !str_equal(f[AUTOCONF], "none"))) {
		pr_err("ip=%s: the kernel does not ask the network for addresses; run dhcp",
		       *f[AUTOCONF] ? f[AUTOCONF] : f[CLIENT]);
		return;
	}
	mutex_lock(&net->mutex);
	err = configure(net, f);
	mutex_unlock(&net->mutex);
	if (err)
		pr_err("ip=%s: %s (%d)", f[CLIENT],
		       err == -ENODEV ? "there is no such device" : "can't be set", err);
	else
		pr_info("ip=%s: set", f[CLIENT]);
}
