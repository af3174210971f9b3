/*
 * Netlink messages, as bytes: a header, a family's header, attributes, each at a multiple of 4.
 * netlink(7), "Netlink Library" of RFC 3549 2.2. No locks: a writer and a request have one owner.
 */
#include "net/netlink.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "lib/string.h"

static u32 align4(u32 n)
{
	return (n + 3) & ~3u;
}

/* --- writing --- */

bool nl_writer_init(struct nl_writer *w, u32 n)
{
	*w = (struct nl_writer){ .buf = kmalloc(n, 0), .cap = n };
	return w->buf != NULL;
}

static void *extend(struct nl_writer *w, u32 n)
{
	void *at = w->buf + w->len;

	if (w->full || w->cap - w->len < align4(n)) {
		w->full = true;
		return NULL;
	}
	memset(at, 0, align4(n));
	w->len += align4(n);
	return at;
}

void *nl_begin(struct nl_writer *w, u16 type, u16 flags, u32 seq, u32 port, u32 n)
{
	struct nlmsghdr *h = extend(w, (u32)sizeof(*h) + n);

	w->msg = h;
	if (!h)
		return NULL;
	h->nlmsg_type = type;
	h->nlmsg_flags = flags;
	h->nlmsg_seq = seq;
	h->nlmsg_pid = port;
	h->nlmsg_len = (u32)sizeof(*h) + n;
	return h + 1;
}

int nl_end(struct nl_writer *w)
{
	bool full = w->full;

	w->full = false;
	if (!full)
		w->msg->nlmsg_len = (u32)(w->buf + w->len - (u8 *)w->msg);
	else if (w->msg)
		w->len = (u32)((u8 *)w->msg - w->buf);
	return full ? -EMSGSIZE : 0;
}

void *nla_reserve(struct nl_writer *w, u16 type, u32 n)
{
	struct nlattr *a = extend(w, (u32)sizeof(*a) + n);

	if (!a)
		return NULL;
	a->nla_type = type;
	a->nla_len = (u16)(sizeof(*a) + n);
	return a + 1;
}

void nla_put(struct nl_writer *w, u16 type, const void *data, u32 n)
{
	void *at = nla_reserve(w, type, n);

	if (at && n)
		memcpy(at, data, n);
}

void nla_put_addr(struct nl_writer *w, u16 type, const struct in6_addr *a)
{
	if (addr_is_v4(a))
		nla_put(w, type, &a->s6_addr32[3], 4);
	else
		nla_put(w, type, a, sizeof(*a));
}

u32 nla_nest(struct nl_writer *w, u16 type)
{
	u32 at = w->len;

	nla_reserve(w, type, 0);
	return at;
}

void nla_nest_end(struct nl_writer *w, u32 at)
{
	if (!w->full)
		((struct nlattr *)(w->buf + at))->nla_len = (u16)(w->len - at);
}

/* --- reading --- */

int nl_fail(struct nl_request *rq, int err, const char *text)
{
	rq->ext.text = text;
	return err;
}

u32 nla_u32(const struct nlattr *a)
{
	u32 v = 0;

	if (a && nla_len(a) >= sizeof(v))
		memcpy(&v, nla_data(a), sizeof(v));
	return v;
}

static int check(struct nl_request *rq, const struct nlattr *a, const struct nl_policy *p)
{
	u32 n = nla_len(a);
	bool ended = n && !((const char *)nla_data(a))[n - 1];

	rq->ext.attr = a;
	if (n < p->min || (p->max && n > p->max + (u32)(p->string && ended)))
		return nl_fail(rq, -ERANGE, "Attribute failed policy validation");
	rq->ext.attr = NULL;
	return 0;
}

static int parse(struct nl_request *rq, const u8 *from, u32 left, const struct nl_policy *policy,
		 unsigned max, const struct nlattr **at)
{
	memset(at, 0, (max + 1) * sizeof(*at));
	while (left >= sizeof(struct nlattr)) {
		const struct nlattr *a = (const struct nlattr *)from;
		unsigned type = a->nla_type & NLA_TYPE_MASK;
		int err;

		if (a->nla_len < sizeof(*a) || a->nla_len > left)
			break;
		if (type && type <= max) {
			err = policy ? check(rq, a, &policy[type]) : 0;
			if (err)
				return err;
			at[type] = a;
		} else if (rq->strict) {
			rq->ext.attr = a;
			return nl_fail(rq, -EINVAL, "Unknown attribute type");
		}
		from += min(align4(a->nla_len), left);
		left -= min(align4(a->nla_len), left);
	}
	if (left && rq->strict)
		return nl_fail(rq, -EINVAL, "bytes leftover after parsing attributes");
	return 0;
}

int nl_parse(struct nl_request *rq, u32 n, const struct nl_policy *policy, unsigned max,
	     const struct nlattr **at)
{
	u32 skip = (u32)sizeof(*rq->msg) + align4(n);

	if (rq->msg->nlmsg_len < sizeof(*rq->msg) + n)
		return nl_fail(rq, -EINVAL, "Invalid header length");
	return parse(rq, (const u8 *)rq->msg + skip,
		     rq->msg->nlmsg_len - min(skip, rq->msg->nlmsg_len), policy, max, at);
}

int nl_parse_nested(struct nl_request *rq, const struct nlattr *nest,
		    const struct nl_policy *policy, unsigned max, const struct nlattr **at)
{
	return parse(rq, nla_data(nest), nla_len(nest), policy, max, at);
}

int nl_parse_behind(struct nl_request *rq, const struct nlattr *nest, u32 n,
		    const struct nl_policy *policy, unsigned max, const struct nlattr **at)
{
	return parse(rq, (const u8 *)nla_data(nest) + n, nla_len(nest) - n, policy, max, at);
}

bool nla_addr(const struct nlattr *a, u8 family, struct in6_addr *addr)
{
	be32 v4;

	if (nla_len(a) != (family == AF_INET ? 4u : 16u))
		return false;
	if (family == AF_INET) {
		memcpy(&v4, nla_data(a), sizeof(v4));
		*addr = addr_from_v4(v4);
	} else {
		memcpy(addr, nla_data(a), sizeof(*addr));
	}
	return true;
}
