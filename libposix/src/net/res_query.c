/* res_query.c - resolver(3): questions of any type, made, sent, and taken apart. res_state.c has those with a state. */
#include "names.h"

#include <string.h>

/* What res_init, and the program since, put into _res; without it the file says it, each time. */
static void settings(struct resolver *r)
{
	if (_res.options & RES_INIT)
		__resolver_from(r, &_res);
	else
		__resolver_read(r);
}

/* -1, and h_errno by the code. */
static int failed(int code)
{
	h_errno = __old_error(code);
	return -1;
}

int __res_ask(const struct resolver *r, const char *name, int cls, int type, unsigned char *answer,
	      int room)
{
	int n;

	if (cls != C_IN || type < 0 || type > 65535)
		return failed(EAI_FAIL);
	n = __resolver_ask(r, name, type, answer, room);
	return n < 0 ? failed(n) : n;
}

int __res_search(const struct resolver *r, const char *name, int cls, int type,
		 unsigned char *answer, int room)
{
	char full[NAME_MOST];
	int no_data = 0;

	for (int i = 0; __resolver_candidate(r, name, i, full); i++) {
		int n = __res_ask(r, full, cls, type, answer, room);

		if (n >= 0)
			return n;
		/* Of names that are there, it is the type that is missing. */
		no_data |= h_errno == NO_DATA;
	}
	if (no_data)
		h_errno = NO_DATA;
	return -1;
}

int __res_send(const struct resolver *r, const unsigned char *question, int len,
	       unsigned char *answer, int room)
{
	char name[NAME_MOST];
	int used, n;

	/* The name and type of a question that was made are asked for with a number of ours. */
	used = len < 17 ? -1 :
			  dn_expand(question, question + len, question + 12, name, sizeof(name));
	if (used < 0 || 12 + used + 4 > len)
		return failed(EAI_FAIL);
	n = __resolver_ask(r, name, (int)ns_get16(question + 12 + used), answer, room);
	if (n < 0)
		return failed(n);
	answer[0] = question[0];
	answer[1] = question[1];
	return n;
}

int res_query(const char *name, int cls, int type, unsigned char *answer, int room)
{
	struct resolver r;

	settings(&r);
	return __res_ask(&r, name, cls, type, answer, room);
}

int res_search(const char *name, int cls, int type, unsigned char *answer, int room)
{
	struct resolver r;

	settings(&r);
	return __res_search(&r, name, cls, type, answer, room);
}

int res_querydomain(const char *name, const char *domain, int cls, int type, unsigned char *answer,
		    int room)
{
	char full[NAME_MOST];

	if ((size_t)snprintf(full, sizeof(full), "%s.%s", name, domain) >= sizeof(full))
		return failed(EAI_FAIL);
	return res_query(full, cls, type, answer, room);
}

int res_mkquery(int op, const char *name, int cls, int type, const unsigned char *data, int len,
		const unsigned char *unused, unsigned char *buf, int room)
{
	static unsigned id;
	unsigned char q[300];
	size_t n;

	(void)data;
	(void)len;
	(void)unused;
	if (op || cls != C_IN || type < 0 || type > 65535)
		return -1;
	n = __dns_question(q, name, type,
			   (unsigned short)__atomic_add_fetch(&id, 1, __ATOMIC_RELAXED));
	if (!n || (int)n > room)
		return -1;
	memcpy(buf, q, n);
	return (int)n;
}

int res_send(const unsigned char *question, int len, unsigned char *answer, int room)
{
	struct resolver r;

	settings(&r);
	return __res_send(&r, question, len, answer, room);
}

int dn_skipname(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *p = at;

	while (p < end) {
		if (!*p)
			return (int)(p + 1 - at);
		if (*p >= 0xc0)
			return p + 1 < end ? (int)(p + 2 - at) : -1;
		if (end - p < *p + 1)
			return -1;
		p += *p + 1;
	}
	return -1;
}
