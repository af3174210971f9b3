/* pack.c - putting things into a caller's buffer. */
#include "pack.h"

#include <stdint.h>
#include <string.h>

void *__pack_bytes(struct pack *p, const void *data, size_t n, size_t align)
{
	size_t pad = -(uintptr_t)p->at & (align - 1);
	char *to = p->at + pad;

	if (p->full || p->room < pad + n) {
		p->full = 1;
		return NULL;
	}
	if (data)
		memcpy(to, data, n);
	else
		memset(to, 0, n);
	p->at = to + n;
	p->room -= pad + n;
	return to;
}

char *__pack_text(struct pack *p, const char *text)
{
	return __pack_bytes(p, text, strlen(text) + 1, 1);
}

char **__pack_list(struct pack *p, size_t count)
{
	return __pack_bytes(p, NULL, (count + 1) * sizeof(char *), sizeof(char *));
}
