/*
 * The options of IPv4's header: RFC 791 3.1, RFC 1122 3.2.1.8, RFC 2113. Routes and times are
 * recorded; source routes are refused (RFC 7126 4.3).
 */
#include <compiler.h>
#include <byteorder.h>
#include <uapi/errno.h>

#include "core/time.h"
#include "lib/string.h"
#include "net/ipv4.h"
#include "net/route.h"

enum { TS_ONLY = 0, TS_ADDR = 1, TS_PRESPEC = 3 };

/* Record route: our address in the next free place. False: malformed, at that byte of the option. */
static bool record_route(u8 *o, u8 len, be32 addr, bool write, u8 *bad)
{
	u8 ptr = len < 3 ? 0 : o[2];

	*bad = len < 3 ? 1 : 2;
	if (len < 3 || ptr < 4)
		return false;
	if (ptr > len)
		return true; /* full */
	if (ptr + 3 > len)
		return false;
	if (write) {
		memcpy(o + ptr - 1, &addr, 4);
		o[2] = (u8)(ptr + 4);
	}
	return true;
}

static bool record_time(struct net *net, u8 *o, u8 len, be32 addr, bool write, u8 *bad)
{
	u8 ptr = len < 4 ? 0 : o[2], flag = len < 4 ? 0 : o[3] & 0xf, need = flag ? 8 : 4;
	u32 ms = (u32)(now_real() / NSEC_PER_MSEC % 86400000);
	struct in6_addr there;
	be32 a;

	*bad = len < 4 ? 1 : 2;
	if (len < 4 || ptr < 5)
		return false;
	if (flag != TS_ONLY && flag != TS_ADDR && flag != TS_PRESPEC) {
		*bad = 3;
		return false;
	}
	if (ptr > len) { /* full: one more that found no room */
		*bad = 3;
		if (write && o[3] >> 4 == 15)
			return false;
		if (write)
			o[3] = (u8)(o[3] + 0x10);
		return true;
	}
	if (ptr + need - 1 > len)
		return false;
	if (!write)
		return true;
	if (flag == TS_PRESPEC) {
		memcpy(&a, o + ptr - 1, 4);
		there = addr_from_v4(a);
		if (!addr_is_local(net, &there))
			return true;
	} else if (flag == TS_ADDR) {
		memcpy(o + ptr - 1, &addr, 4);
	}
	put_be32(o + ptr - 1 + need - 4, ms);
	o[2] = (u8)(ptr + need);
	return true;
}

/*
 * Goes through n bytes of options: are they well formed, and (write) our part of them. 0, or what
 * is wrong by its place in the options, from 1; -EACCES: a source route.
 */
static int walk(struct net *net, u8 *opt, u32 n, be32 addr, bool write)
{
	for (u32 i = 0; i < n;) {
		u8 len, bad = 1;

		if (opt[i] == IPV4_OPT_END)
			return 0;
		if (opt[i] == IPV4_OPT_NOP) {
			i++;
			continue;
		}
		if (i + 1 >= n || opt[i + 1] < 2 || opt[i + 1] > n - i)
			return (int)i + 1;
		len = opt[i + 1];
		switch (opt[i]) {
		case IPV4_OPT_RR:
			if (!record_route(opt + i, len, addr, write, &bad))
				return (int)(i + bad) + 1;
			break;
		case IPV4_OPT_TS:
			if (!record_time(net, opt + i, len, addr, write, &bad))
				return (int)(i + bad) + 1;
			break;
		case IPV4_OPT_RA:
			if (len < 4)
				return (int)i + 2;
			break;
		case IPV4_OPT_LSRR:
		case IPV4_OPT_SSRR:
			if (len < 3 || opt[i + 2] < 4)
				return (int)i + 2;
			if (opt[i + 2] <= len)
				return -EACCES;
			break;
		default:
			break;
		}
		i += len;
	}
	return 0;
}

int ip4_options_receive(struct net *net, struct packet *p, struct ipv4_header *h)
{
	struct in6_addr dst = addr_from_v4(h->dst);
	be32 ours = route_addr_type(net, &dst) == ROUTE_LOCAL ?
			    h->dst :
			    ip4_select_source(net, p->dev, h->src, SCOPE_LINK);
	int bad = walk(net, (u8 *)(h + 1), (h->version_ihl & 15) * 4u - 20, ours, true);

	return bad > 0 ? bad - 1 + 20 : bad;
}

void ip4_options_stamp(struct net *net, u8 *opt, u32 n, be32 src)
{
	walk(net, opt, n, src, true);
}

int ip4_options_check(struct net *net, u8 *opt, u32 *n)
{
	u32 len = *n;

	while (len & 3)
		opt[len++] = IPV4_OPT_END;
	*n = len;
	return walk(net, opt, len, 0, false) ? -EINVAL : 0;
}

/* How long the option at i is; 0: there is none any more, or it is malformed. */
static u8 option_len(const u8 *opt, u32 n, u32 i)
{
	if (i >= n || opt[i] == IPV4_OPT_END)
		return 0;
	if (opt[i] == IPV4_OPT_NOP)
		return 1;
	return i + 1 < n && opt[i + 1] >= 2 && opt[i + 1] <= n - i ? opt[i + 1] : 0;
}

/* The option of a kind; NULL: none. */
static const u8 *find_option(const u8 *opt, u32 n, u8 kind)
{
	u8 len;

	for (u32 i = 0; (len = option_len(opt, n, i)) != 0; i += len)
		if (opt[i] == kind)
			return opt + i;
	return NULL;
}

u32 ip4_options_echo(const struct ipv4_header *h, u8 *out)
{
	static const u8 kinds[] = { IPV4_OPT_RR, IPV4_OPT_TS, IPV4_OPT_CIPSO };
	const u8 *opt = (const u8 *)(h + 1), *o;
	u32 n = (h->version_ihl & 15) * 4u - 20, len = 0;

	if (!n)
		return 0;
	for (size_t k = 0; k < sizeof(kinds); k++) {
		o = find_option(opt, n, kinds[k]);
		if (!o)
			continue;
		memcpy(out + len, o, o[1]);
		len += o[1];
	}
	while (len & 3)
		out[len++] = IPV4_OPT_END;
	return len;
}

void ip4_options_fragment(u8 *opt, u32 n)
{
	u8 len;

	for (u32 i = 0; (len = option_len(opt, n, i)) != 0; i += len)
		if (!(opt[i] & IPV4_OPT_COPIED))
			memset(opt + i, IPV4_OPT_NOP, len);
}
