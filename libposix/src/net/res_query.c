/* res_query.c - resolver(3): questions of any type. */
#include "names.h"

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
