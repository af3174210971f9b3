/*
 * Messages: allocation, and copies from and to programs (ipc/message.h).
 */
#include "ipc/message.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/memlayout.h"
#include "lib/string.h"
#include "mm/usercopy.h"

#define FIRST_MAX (PAGE_SIZE - sizeof(struct message))
#define PIECE_MAX (PAGE_SIZE - sizeof(struct piece))

void message_free(struct message *m)
{
	struct piece *p = m ? m->more : NULL, *next;

	for (; p; p = next) {
		next = p->next;
		kfree(p);
	}
	kfree(m);
}

static struct message *message_alloc(size_t n)
{
	struct message *m = kmalloc(sizeof(*m) + min(n, FIRST_MAX), 0);
	struct piece **link;

	if (!m)
		return ERR_PTR(-ENOMEM);
	m->size = n;
	m->more = NULL;
	link = &m->more;
	for (size_t at = FIRST_MAX; at < n; at += PIECE_MAX) {
		struct piece *p = kmalloc(sizeof(*p) + min(n - at, PIECE_MAX), 0);

		if (!p) {
			message_free(m);
			return ERR_PTR(-ENOMEM);
		}
		p->next = NULL;
		*link = p;
		link = &p->next;
	}
	return m;
}

struct message *message_load(const void __user *from, size_t n)
{
	struct message *m = message_alloc(n);
	size_t at = min(n, FIRST_MAX);

	if (IS_ERR(m))
		return m;
	if (copy_from_user(m->data, from, at))
		goto fault;
	for (struct piece *p = m->more; p; p = p->next) {
		size_t part = min(n - at, PIECE_MAX);

		if (copy_from_user(p->data, (const u8 __user *)from + at, part))
			goto fault;
		at += part;
	}
	return m;
fault:
	message_free(m);
	return ERR_PTR(-EFAULT);
}

int message_store(const struct message *m, void __user *to, size_t n)
{
	size_t at = min(n, FIRST_MAX);

	if (copy_to_user(to, m->data, at))
		return -EFAULT;
	for (const struct piece *p = m->more; p && at < n; p = p->next) {
		size_t part = min(n - at, PIECE_MAX);

		if (copy_to_user((u8 __user *)to + at, p->data, part))
			return -EFAULT;
		at += part;
	}
	return 0;
}

struct message *message_copy(const struct message *m)
{
	struct message *c = message_alloc(m->size);
	size_t at = FIRST_MAX;

	if (IS_ERR(c))
		return c;
	c->type = m->type;
	memcpy(c->data, m->data, min(m->size, FIRST_MAX));
	for (struct piece *p = c->more, *from = m->more; p; p = p->next, from = from->next) {
		memcpy(p->data, from->data, min(m->size - at, PIECE_MAX));
		at += PIECE_MAX;
	}
	return c;
}
