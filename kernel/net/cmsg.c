/*
 * Control data of messages: cmsg(3). What comes in is a kernel copy; what goes out is written to
 * the receiver's room at once. No locks; it may sleep.
 */
#include "net/socket.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "mm/usercopy.h"

/* Headers stand at multiples of a word. */
static size_t cmsg_align(size_t n)
{
	return (n + sizeof(long) - 1) & ~(sizeof(long) - 1);
}

const struct cmsghdr *cmsg_next(const struct message *m, size_t *off)
{
	const struct cmsghdr *c;

	if (*off >= m->control_len || m->control_len - *off < sizeof(*c))
		return NULL;
	c = (const struct cmsghdr *)((const u8 *)m->control + *off);
	if (c->cmsg_len < sizeof(*c) || c->cmsg_len > m->control_len - *off)
		return ERR_PTR(-EINVAL);
	*off += cmsg_align(c->cmsg_len);
	return c;
}

/* The header of a piece with n bytes of data, of which *fit have room. 0 or -errno: none. */
static int put_header(struct message *m, int level, int type, size_t n, size_t *fit)
{
	struct cmsghdr c = { .cmsg_len = sizeof(c) + n, .cmsg_level = level, .cmsg_type = type };

	if (!m->room || m->room_len < sizeof(c)) {
		m->out_flags |= MSG_CTRUNC;
		return -EMSGSIZE;
	}
	if (m->room_len < c.cmsg_len) {
		m->out_flags |= MSG_CTRUNC;
		c.cmsg_len = m->room_len;
	}
	*fit = c.cmsg_len - sizeof(c);
	return copy_to_user(m->room, &c, sizeof(c));
}

void cmsg_end(struct message *m, size_t n)
{
	size_t space = min(cmsg_align(sizeof(struct cmsghdr) + n), m->room_len);

	m->room = (u8 __user *)m->room + space;
	m->room_len -= space;
}

void cmsg_put(struct message *m, int level, int type, const void *data, size_t n)
{
	size_t fit;

	if (put_header(m, level, type, n, &fit))
		return;
	if (!copy_to_user((u8 __user *)m->room + sizeof(struct cmsghdr), data, fit))
		cmsg_end(m, fit);
}
