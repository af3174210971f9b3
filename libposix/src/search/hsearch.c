/*
 * hsearch.c - a hash table (POSIX hsearch, GNU hsearch_r): open addressing in a table of
 * a power of two, which grows before it is three quarters full.
 */
#include <errno.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct __htable {
	ENTRY *slots; /* key NULL: free */
	size_t mask, used;
};

static struct hsearch_data the_table;

static size_t hash(const char *key)
{
	uint64_t h = 0xcbf29ce484222325ul; /* FNV-1a */

	while (*key)
		h = (h ^ (unsigned char)*key++) * 0x100000001b3ul;
	return h ^ h >> 32;
}

/* The slot that has the key, or that it would go to. */
static ENTRY *find(const struct __htable *t, const char *key)
{
	size_t i = hash(key);

	while (t->slots[i & t->mask].key && strcmp(t->slots[i & t->mask].key, key))
		i++;
	return &t->slots[i & t->mask];
}

static int resize(struct __htable *t, size_t want)
{
	struct __htable old = *t;
	size_t size = 8;

	while (size < want && size < SIZE_MAX / 4 / sizeof(ENTRY))
		size *= 2;
	t->slots = calloc(size, sizeof(ENTRY));
	if (!t->slots) {
		*t = old;
		return 0;
	}
	t->mask = size - 1;
	for (size_t i = 0; old.slots && i <= old.mask; i++)
		if (old.slots[i].key)
			*find(t, old.slots[i].key) = old.slots[i];
	free(old.slots);
	return 1;
}

int hcreate_r(size_t count, struct hsearch_data *h)
{
	h->__tab = calloc(1, sizeof(*h->__tab));
	if (!h->__tab)
		return 0;
	if (resize(h->__tab, count + count / 2))
		return 1;
	free(h->__tab);
	h->__tab = NULL;
	return 0;
}

void hdestroy_r(struct hsearch_data *h)
{
	if (h->__tab)
		free(h->__tab->slots);
	free(h->__tab);
	h->__tab = NULL;
}

int hsearch_r(ENTRY item, ACTION action, ENTRY **out, struct hsearch_data *h)
{
	struct __htable *t = h->__tab;
	ENTRY *slot = find(t, item.key);

	*out = NULL;
	if (!slot->key) {
		if (action == FIND) {
			errno = ESRCH;
			return 0;
		}
		if (t->used + 1 > t->mask - t->mask / 4) {
			if (!resize(t, 2 * (t->mask + 1))) {
				errno = ENOMEM;
				return 0;
			}
			slot = find(t, item.key);
		}
		*slot = item;
		t->used++;
	}
	*out = slot;
	return 1;
}

int hcreate(size_t count)
{
	return hcreate_r(count, &the_table);
}

void hdestroy(void)
{
	hdestroy_r(&the_table);
}

ENTRY *hsearch(ENTRY item, ACTION action)
{
	ENTRY *found;

	hsearch_r(item, action, &found, &the_table);
	return found;
}
