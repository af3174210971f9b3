/*
 * /proc/PID/uid_map, gid_map, projid_map and setgroups: user_namespaces(7). They are about the user
 * namespace that the process is in; who opened the file says in which numbers it is told.
 */
#include "procfs/procfs.h"

#include <uapi/errno.h>

#include "core/userns.h"

/* s's, referenced. */
static struct user_ns *user_of(const struct subject *s)
{
	return user_ns_get(smp_load_acquire(&s->task->cred)->user); /* RCU: nothing slept */
}

int pid_id_map_show(struct text *out, const struct subject *s)
{
	enum id_kind kind = *(const enum id_kind *)s->node->data;
	struct user_ns *u = user_of(s), *low = s->opener->user;
	u32 n = u ? __atomic_load_n(&u->map[kind].n, __ATOMIC_ACQUIRE) : 0;

	if (!u)
		text_printf(out, "%10u %10u %10u\n", 0, id_map_up(low, kind, 0), U32_MAX);
	if (u && low == u)
		low = user_ns_parent(u);
	for (u32 i = 0; i < n; i++) {
		const struct id_extent *e = &u->map[kind].extents[i];

		text_printf(out, "%10u %10u %10u\n", e->first, id_map_up(low, kind, e->lower),
			    e->count);
	}
	user_ns_put(u);
	return 0;
}

int pid_id_map_store(const struct subject *s, char *text, size_t n __unused)
{
	struct user_ns *u = user_of(s);
	int err = id_map_write(u, *(const enum id_kind *)s->node->data, s->opener, text);

	user_ns_put(u);
	return err;
}

int pid_setgroups_show(struct text *out, const struct subject *s)
{
	struct user_ns *u = user_of(s);

	text_puts(out, u && READ_ONCE(u->no_setgroups) ? "deny\n" : "allow\n");
	user_ns_put(u);
	return 0;
}

int pid_setgroups_store(const struct subject *s, char *text, size_t n)
{
	bool allow = str_starts_with(text, "allow"), deny = str_starts_with(text, "deny");
	const char *end = text + (allow ? 5 : 4);
	struct user_ns *u;
	int err;

	if (n >= 8 || (!allow && !deny) || end[strspn(end, " \t\n")])
		return -EINVAL;
	u = user_of(s);
	err = cred_ns_capable(s->opener, u, CAP_SYS_ADMIN) ? user_ns_set_setgroups(u, allow) :
							     -EACCES;
	user_ns_put(u);
	return err;
}
