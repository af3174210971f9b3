/*
 * User namespaces (core/userns.h): what they are made of, what capabilities count for, and the maps,
 * with the rules of user_namespaces(7).
 */
#include "core/userns.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "lib/parse.h"
#include "lib/string.h"

int overflow_uid = 65534, overflow_gid = 65534;
static struct mutex map_mutex = MUTEX_INIT(map_mutex); /* who writes */

/* --- capabilities --- */

static int level_of(const struct user_ns *u)
{
	return u ? u->level : 0;
}

bool cred_ns_capable(const struct cred *c, const struct user_ns *u, int cap)
{
	while (u != c->user) {
		if (level_of(u) <= level_of(c->user))
			return false;
		/* Its maker has all of them in it. */
		if (user_ns_parent(u) == c->user && u->uid == c->euid)
			return true;
		u = user_ns_parent(u);
	}
	return c->cap_effective >> cap & 1;
}

bool ns_capable(const struct user_ns *u, int cap)
{
	return cred_ns_capable(current->cred, u, cap);
}

bool user_ns_within(const struct user_ns *u, const struct user_ns *top)
{
	while (level_of(u) > level_of(top))
		u = user_ns_parent(u);
	return u == top;
}

/* --- maps --- */

/* A number of the namespace, or (up) of the kernel: the other. */
static u32 map_through(const struct id_map *m, u32 id, bool up)
{
	u32 n = __atomic_load_n(&m->n, __ATOMIC_ACQUIRE);

	for (u32 i = 0; i < n; i++) {
		const struct id_extent *e = &m->extents[i];
		u32 off = id - (up ? e->lower : e->first);

		if (off < e->count)
			return off + (up ? e->first : e->lower);
	}
	return NO_ID;
}

u32 id_map_down(const struct user_ns *u, enum id_kind kind, u32 id)
{
	return u ? map_through(&u->map[kind], id, false) : id;
}

u32 id_map_up(const struct user_ns *u, enum id_kind kind, u32 kid)
{
	return u ? map_through(&u->map[kind], kid, true) : kid;
}

/* One line: first, lower, count. */
static int parse_line(char *line, struct id_extent *e)
{
	u32 *const to[] = { &e->first, &e->lower, &e->count };
	const char *p = line;

	for (unsigned i = 0; i < ARRAY_SIZE(to); i++) {
		u64 v;

		p += strspn(p, " \t");
		if (scan_u64(&p, 10, &v) || v > U32_MAX || (*p && !strchr(" \t", *p)))
			return -EINVAL;
		*to[i] = (u32)v;
	}
	if (p[strspn(p, " \t")] || e->first == NO_ID || e->lower == NO_ID)
		return -EINVAL;
	return e->first + e->count > e->first && e->lower + e->count > e->lower ? 0 : -EINVAL;
}

static bool overlaps(const struct id_extent *a, const struct id_extent *b)
{
	return (a->first < b->first + b->count && b->first < a->first + a->count) ||
	       (a->lower < b->lower + b->count && b->lower < a->lower + a->count);
}

/* How many lines there are; e has room for USER_NS_EXTENTS. */
static int parse_map(char *text, struct id_extent *e)
{
	int n = 0, err;

	while (*text) {
		char *end = text + strcspn(text, "\n");
		bool more = *end;

		*end = '\0';
		if (n == USER_NS_EXTENTS)
			return -EINVAL;
		err = parse_line(text, &e[n]);
		if (err)
			return err;
		for (int i = 0; i < n; i++)
			if (overlaps(&e[i], &e[n]))
				return -EINVAL;
		n++;
		text = more ? end + 1 : end;
	}
	return n ? n : -EINVAL;
}

/* Who maps the root of the parent gives file capabilities that count there: CAP_SETFCAP. */
static bool may_map_root(const struct user_ns *u, const struct cred *opener,
			 const struct id_extent *e, int n)
{
	bool root = false;

	for (int i = 0; i < n; i++)
		root |= e[i].lower == 0;
	if (!root)
		return true;
	return opener->user == u ? u->may_setfcap :
				   cred_ns_capable(opener, user_ns_parent(u), CAP_SETFCAP);
}

static bool map_permitted(const struct user_ns *u, enum id_kind kind, const struct cred *opener,
			  const struct id_extent *e, int n)
{
	const struct user_ns *up = user_ns_parent(u);
	int cap = kind == ID_USER ? CAP_SETUID : CAP_SETGID;

	if (kind == ID_PROJECT)
		return true;
	if (kind == ID_USER && !may_map_root(u, opener, e, n))
		return false;
	/* Oneself alone needs no privilege; a group only who can't drop groups by it. */
	if (n == 1 && e->count == 1 && u->uid == opener->euid) {
		if (kind == ID_USER && kuid_of(up, e->lower) == opener->euid)
			return true;
		if (kind == ID_GROUP && u->no_setgroups && kgid_of(up, e->lower) == opener->egid)
			return true;
	}
	return ns_capable(up, cap) && cred_ns_capable(opener, up, cap);
}

/* From the numbers of the parent to those of the kernel. An extent lies in one of the parent's. */
static int lower_map(const struct user_ns *up, enum id_kind kind, struct id_extent *e, int n)
{
	for (int i = 0; i < n; i++) {
		u32 low = id_map_down(up, kind, e[i].lower);

		if (low == NO_ID ||
		    id_map_down(up, kind, e[i].lower + e[i].count - 1) != low + e[i].count - 1)
			return -EPERM;
		e[i].lower = low;
	}
	return 0;
}

/* [map_mutex] */
static int write_map(struct user_ns *u, enum id_kind kind, const struct cred *opener, char *text,
		     struct id_extent *e)
{
	struct id_map *m = &u->map[kind];
	int n, err;

	if (m->n || (kind != ID_PROJECT && !cred_ns_capable(opener, u, CAP_SYS_ADMIN)))
		return -EPERM;
	n = parse_map(text, e);
	if (n < 0)
		return n;
	if (!map_permitted(u, kind, opener, e, n))
		return -EPERM;
	err = lower_map(user_ns_parent(u), kind, e, n);
	if (err)
		return err;
	m->extents = kmemdup(e, (size_t)n * sizeof(*e));
	if (!m->extents)
		return -ENOMEM;
	__atomic_store_n(&m->n, (u32)n, __ATOMIC_RELEASE);
	return 0;
}

int id_map_write(struct user_ns *u, enum id_kind kind, const struct cred *opener, char *text)
{
	struct id_extent *e;
	int err;

	if (!u || (opener->user != u && opener->user != user_ns_parent(u)))
		return -EPERM;
	e = kmalloc(USER_NS_EXTENTS * sizeof(*e), 0);
	if (!e)
		return -ENOMEM;
	mutex_lock(&map_mutex);
	err = write_map(u, kind, opener, text, e);
	mutex_unlock(&map_mutex);
	kfree(e);
	return err;
}

bool user_ns_may_setgroups(const struct user_ns *u)
{
	return !u || (READ_ONCE(u->map[ID_GROUP].n) && !READ_ONCE(u->no_setgroups));
}

int user_ns_set_setgroups(struct user_ns *u, bool allow)
{
	int err = 0;

	if (!u)
		return allow ? 0 : -EPERM;
	mutex_lock(&map_mutex);
	if (allow ? u->no_setgroups : u->map[ID_GROUP].n != 0)
		err = -EPERM;
	else if (!allow)
		WRITE_ONCE(u->no_setgroups, true);
	mutex_unlock(&map_mutex);
	return err;
}

/* --- life --- */

static void free_rcu(struct rcu_head *h)
{
	struct user_ns *u = container_of(h, struct user_ns, rcu);

	for (unsigned i = 0; i < ID_KINDS; i++)
		kfree(u->map[i].extents);
	kfree(u);
}

static void user_ns_free(struct ns *n)
{
	call_rcu(&user_ns_of(n)->rcu, free_rcu);
}

int user_ns_join(struct user_ns *u, struct cred **out)
{
	struct cred *c = cred_copy(current->cred, current->cred->ngroups);

	if (!c)
		return -ENOMEM;
	user_ns_put(c->user);
	c->user = user_ns_get(u);
	c->securebits = 0;
	c->cap_inheritable = c->cap_ambient = 0;
	c->cap_permitted = c->cap_effective = c->cap_bounding = CAP_ALL;
	*out = c;
	return 0;
}

int user_ns_make(struct cred **out)
{
	const struct cred *c = current->cred;
	struct user_ns *u;
	int err;

	if (level_of(c->user) >= USER_NS_MAX)
		return -ENOSPC;
	if (!ids_known(c->user, c->euid, c->egid))
		return -EPERM;
	if (!user_ns_charge(c->user, c->euid, USER_NAMESPACES + NS_USER))
		return -ENOSPC;
	u = kzalloc(sizeof(*u), 0);
	if (!u) {
		user_ns_uncharge(c->user, c->euid, USER_NAMESPACES + NS_USER);
		return -ENOMEM;
	}
	u->ns.uid = c->euid;
	u->ns.counted = true;
	ns_init(&u->ns, NS_USER, c->user, user_ns_free);
	for (unsigned i = 0; i < USER_LIMITS; i++)
		u->limits[i] = S32_MAX;
	u->level = level_of(c->user) + 1;
	u->uid = c->euid;
	u->gid = c->egid;
	u->may_setfcap = c->cap_effective >> CAP_SETFCAP & 1;
	u->no_setgroups = c->user && READ_ONCE(c->user->no_setgroups);
	err = user_ns_join(u, out);
	user_ns_put(u);
	return err;
}
