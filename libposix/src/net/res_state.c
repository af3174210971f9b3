/*
 * res_state.c - resolver(3) with a state that says which servers are asked, and how: res_ninit, res_nquery and their like.
 */
#include "names.h"

#include <string.h>

struct __res_state *__res_state(void)
{
	static __thread struct __res_state state;

	return &state;
}

int res_ninit(res_state st)
{
	struct resolver r;
	int n = 0;

	__resolver_read(&r);
	*st = (struct __res_state){ .retrans = r.seconds,
				    .retry = r.attempts,
				    .options = RES_DEFAULT | RES_INIT,
				    .nscount = r.nr_servers,
				    .ndots = (unsigned)r.ndots & 15 };
	for (int i = 0; i < r.nr_servers; i++) {
		const struct found *f = &r.servers[i];

		if (f->family == AF_INET) {
			st->nsaddr_list[i].sin_family = AF_INET;
			st->nsaddr_list[i].sin_port = htons(NS_DEFAULTPORT);
			memcpy(&st->nsaddr_list[i].sin_addr, f->addr, 4);
		} else {
			struct sockaddr_in6 *a = &st->_u._ext.nsaddrs[i];

			a->sin6_family = AF_INET6;
			a->sin6_port = htons(NS_DEFAULTPORT);
			a->sin6_scope_id = f->scope;
			memcpy(&a->sin6_addr, f->addr, 16);
		}
	}
	strlcpy(st->defdname, r.search, sizeof(st->defdname));
	for (char *at = st->defdname; *at && n < MAXDNSRCH; n++) {
		size_t len = strcspn(at, " ");

		st->dnsrch[n] = at;
		at += len;
		if (*at)
			*at++ = '\0';
	}
	return 0;
}

int res_init(void)
{
	return res_ninit(&_res);
}

void res_nclose(res_state st)
{
	st->options &= ~(unsigned long)RES_INIT;
}

void __resolver_from(struct resolver *r, res_state st)
{
	if (!(st->options & RES_INIT))
		res_ninit(st);
	*r = (struct resolver){ .ndots = (int)st->ndots,
				.seconds = st->retrans,
				.attempts = st->retry,
				.only_tcp = !!(st->options & RES_USEVC),
				.cut_will_do = !!(st->options & RES_IGNTC) };
	for (int i = 0; i < st->nscount && i < MAXNS; i++) {
		struct found *f = &r->servers[r->nr_servers];
		const struct sockaddr_in6 *a = &st->_u._ext.nsaddrs[i];

		if (st->nsaddr_list[i].sin_family == AF_INET) {
			f->family = AF_INET;
			memcpy(f->addr, &st->nsaddr_list[i].sin_addr, 4);
			r->ports[r->nr_servers++] = ntohs(st->nsaddr_list[i].sin_port);
		} else if (a->sin6_family == AF_INET6) {
			f->family = AF_INET6;
			f->scope = a->sin6_scope_id;
			memcpy(f->addr, &a->sin6_addr, 16);
			r->ports[r->nr_servers++] = ntohs(a->sin6_port);
		}
	}
	for (int i = 0; i < MAXDNSRCH && st->dnsrch[i]; i++) {
		__resolver_add_domain(r, st->dnsrch[i]);
		if (!(st->options & RES_DNSRCH))
			break; /* the first alone */
	}
	if (!(st->options & (RES_DNSRCH | RES_DEFNAMES)))
		r->search[0] = '\0';
}

static int noted(res_state st, int n)
{
	st->res_h_errno = n < 0 ? h_errno : 0;
	return n;
}

int res_nquery(res_state st, const char *name, int cls, int type, unsigned char *answer, int room)
{
	struct resolver r;

	__resolver_from(&r, st);
	return noted(st, __res_ask(&r, name, cls, type, answer, room));
}

int res_nsearch(res_state st, const char *name, int cls, int type, unsigned char *answer, int room)
{
	struct resolver r;

	__resolver_from(&r, st);
	return noted(st, __res_search(&r, name, cls, type, answer, room));
}

int res_nquerydomain(res_state st, const char *name, const char *domain, int cls, int type,
		     unsigned char *answer, int room)
{
	char full[NAME_MOST];

	if ((size_t)snprintf(full, sizeof(full), "%s.%s", name, domain) >= sizeof(full)) {
		h_errno = NO_RECOVERY;
		return noted(st, -1);
	}
	return res_nquery(st, full, cls, type, answer, room);
}

int res_nmkquery(res_state st, int op, const char *name, int cls, int type,
		 const unsigned char *data, int len, const unsigned char *unused,
		 unsigned char *buf, int room)
{
	int n = res_mkquery(op, name, cls, type, data, len, unused, buf, room);

	if (n > 2 && !(st->options & RES_RECURSE))
		buf[2] &= 0xfe;
	return n;
}

int res_nsend(res_state st, const unsigned char *question, int len, unsigned char *answer, int room)
{
	struct resolver r;

	__resolver_from(&r, st);
	return noted(st, __res_send(&r, question, len, answer, room));
}
