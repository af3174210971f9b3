/*
 * mem.c - the shell's memory: arenas for trees, a stack of arenas for what a command needs, strings.
 */
#include "sh.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 2000

struct block {
	struct block *next;
	size_t used, room;
	char bytes[];
};

struct arena {
	struct arena *below; /* of the stack of temporary ones */
	int holders;
	struct block *blocks;
};

static struct arena *temp;

void *must(void *p)
{
	if (!p) {
		fputs("sh: out of memory\n", stderr);
		_exit(2);
	}
	return p;
}

void *grow(void *p, size_t n)
{
	return must(realloc(p, n ? n : 1));
}

char *copy(const char *s)
{
	return must(strdup(s));
}

char *copy_n(const char *s, size_t n)
{
	return must(strndup(s, n));
}

struct arena *arena_new(void)
{
	struct arena *a = must(calloc(1, sizeof(*a)));

	a->holders = 1;
	return a;
}

void arena_hold(struct arena *a)
{
	a->holders++;
}

void arena_drop(struct arena *a)
{
	struct block *b, *next;

	if (--a->holders)
		return;
	for (b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void *arena_get(struct arena *a, size_t n)
{
	struct block *b = a->blocks;
	void *p;

	n = (n + 15) & ~(size_t)15;
	if (!b || b->room - b->used < n) {
		size_t room = n > BLOCK / 4 ? n : BLOCK;

		b = must(malloc(sizeof(*b) + room));
		b->used = 0;
		b->room = room;
		/* a block of one large thing goes behind the one that still has room */
		if (room == n && a->blocks) {
			b->next = a->blocks->next;
			a->blocks->next = b;
		} else {
			b->next = a->blocks;
			a->blocks = b;
		}
	}
	p = b->bytes + b->used;
	b->used += n;
	return memset(p, 0, n);
}

char *arena_copy(struct arena *a, const char *s, size_t n)
{
	char *p = arena_get(a, n + 1);

	memcpy(p, s, n);
	return p;
}

struct arena *temp_mark(void)
{
	struct arena *before = temp;

	temp = arena_new();
	temp->below = before;
	return before;
}

struct arena *temp_top(void)
{
	return temp;
}

void temp_release(struct arena *before)
{
	while (temp != before) {
		struct arena *below = temp->below;

		arena_drop(temp);
		temp = below;
	}
}

void *temp_get(size_t n)
{
	return arena_get(temp, n);
}

char *temp_copy(const char *s)
{
	return arena_copy(temp, s, strlen(s));
}

static void str_room(struct str *b, size_t more)
{
	if (b->n + more < b->room)
		return;
	b->room = (b->n + more) * 2 + 32;
	b->s = grow(b->s, b->room);
}

void str_add(struct str *b, char c)
{
	str_room(b, 2);
	b->s[b->n++] = c;
}

void str_put(struct str *b, const char *s)
{
	size_t n = strlen(s);

	str_room(b, n + 1);
	memcpy(b->s + b->n, s, n);
	b->n += n;
}

void str_end(struct str *b)
{
	str_room(b, 1);
	b->s[b->n] = 0;
}
