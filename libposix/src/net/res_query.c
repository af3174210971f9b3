/* res_query.c - resolver(3): questions of any type, made, sent, and taken apart. */
#include "names.h"

#include <string.h>

int res_init(void)
{
	return 0;
}

int res_query(const char *name, int cls, int type, unsigned char *answer, int room)
{
	struct resolver r;
	int n;

	if (cls != C_IN)
		return -1;
	__resolver_read(&r);
	n = __resolver_ask(&r, name, type, answer, room);
	return n < 0 ? -1 : n;
}

int res_search(const char *name, int cls, int type, unsigned char *answer, int room)
{
	char full[NAME_MOST];
	struct resolver r;

	__resolver_read(&r);
	for (int i = 0; __resolver_candidate(&r, name, i, full); i++) {
		int n = res_query(full, cls, type, answer, room);

		if (n >= 0)
			return n;
	}
	return -1;
}

int res_querydomain(const char *name, const char *domain, int cls, int type, unsigned char *answer,
		    int room)
{
	char full[NAME_MOST];

	if ((size_t)snprintf(full, sizeof(full), "%s.%s", name, domain) >= sizeof(full))
		return -1;
	return res_query(full, cls, type, answer, room);
}

int res_mkquery(int op, const char *name, int cls, int type, const unsigned char *data, int len,
		const unsigned char *unused, unsigned char *buf, int room)
{
	static unsigned short id;
	unsigned char q[300];
	size_t n;

	(void)data;
	(void)len;
	(void)unused;
	if (op || cls != C_IN || type < 0 || type > 65535)
		return -1;
	n = __dns_question(q, name, type & 0xff, ++id);
	if (!n || (int)n > room)
		return -1;
	q[n - 4] = (unsigned char)(type >> 8);
	memcpy(buf, q, n);
	return (int)n;
}

/* The name and type of a question that was made are asked for with a number of ours. */
int res_send(const unsigned char *question, int len, unsigned char *answer, int room)
{
	char name[NAME_MOST];
	struct resolver r;
	int used, n;

	if (len < 17)
		return -1;
	used = dn_expand(question, question + len, question + 12, name, sizeof(name));
	if (used < 0 || 12 + used + 4 > len)
		return -1;
	__resolver_read(&r);
	n = __resolver_ask(&r, name, question[12 + used + 1], answer, room);
	if (n < 0)
		return -1;
	answer[0] = question[0];
	answer[1] = question[1];
	return n;
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
