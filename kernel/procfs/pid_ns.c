/*
 * /proc/PID/uid_map, gid_map, projid_map and setgroups: user_namespaces(7); timens_offsets. The first are about the user
 * namespace that the process is in; who opened the file says in which numbers it is told.
 */
#include "procfs/procfs.h"

#include <uapi/errno.h>

#include "core/time.h"
#include "core/timens.h"
#include "core/userns.h"
#include "lib/parse.h"

/* s's, referenced. */
static struct user_ns *user_ns_of_task(const struct subject *s)
{
	return user_ns_get(smp_load_acquire(&s->task->cred)->user); /* RCU: nothing slept */
}

int pid_id_map_show(struct text *out, const struct subject *s)
{
	enum id_kind kind = *(const enum id_kind *)s->node->data;
	struct user_ns *u = user_ns_of_task(s), *low = s->opener->user;
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
	struct user_ns *u = user_ns_of_task(s);
	int err = id_map_write(u, *(const enum id_kind *)s->node->data, s->opener, text);

	user_ns_put(u);
	return err;
}

int pid_setgroups_show(struct text *out, const struct subject *s)
{
	struct user_ns *u = user_ns_of_task(s);

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
	u = user_ns_of_task(s);
	err = cred_ns_capable(s->opener, u, CAP_SYS_ADMIN) ? user_ns_set_setgroups(u, allow) :
							     -EACCES;
	user_ns_put(u);
	return err;
}

/* --- /proc/PID/timens_offsets: time_namespaces(7) --- */

static void put_offset(struct text *out, const char *clock, s64 ns)
{
	s64 sec = ns / (s64)NSEC_PER_SEC, rest = ns % (s64)NSEC_PER_SEC;

	if (rest < 0) {
		rest += (s64)NSEC_PER_SEC;
		sec--;
	}
	text_printf(out, "%-10s %10ld %9ld\n", clock, sec, rest);
}

int pid_timens_show(struct text *out, const struct subject *s)
{
	struct ns *n = ns_of_get(s->task, NS_TIME_CHILDREN);
	const struct time_ns *t = time_ns_of(n);

	if (!n)
		return -ESRCH;
	put_offset(out, "monotonic", t ? READ_ONCE(t->mono) : 0);
	put_offset(out, "boottime", t ? READ_ONCE(t->boot) : 0);
	ns_put(n);
	return 0;
}

/* A line: clock, seconds, nanoseconds. 0 or -EINVAL. */
static int parse_offset(const char **p, bool *boot, s64 *sec, s64 *nsec)
{
	static const struct {
		const char *name;
		bool boot;
	} clocks[] = { { "monotonic", false }, { "1", false }, { "boottime", true }, { "7", true } };
	size_t n;

	*p += strspn(*p, " \t");
	n = strcspn(*p, " \t\n");
	for (unsigned i = 0; i < ARRAY_SIZE(clocks); i++) {
		if (strlen(clocks[i].name) != n || memcmp(clocks[i].name, *p, n) != 0)
			continue;
		*boot = clocks[i].boot;
		*p += n;
		*p += strspn(*p, " \t");
		if (scan_s64(p, 10, sec))
			return -EINVAL;
		*p += strspn(*p, " \t");
		if (scan_s64(p, 10, nsec) || *nsec < 0 || *nsec >= (s64)NSEC_PER_SEC)
			return -EINVAL;
		*p += strspn(*p, " \t");
		if (**p && **p != '\n')
			return -EINVAL;
		*p += **p == '\n';
		return 0;
	}
	return -EINVAL;
}

int pid_timens_store(const struct subject *s, char *text, size_t n __unused)
{
	s64 sec[2], nsec[2];
	bool boot[2];
	const char *p = text;
	struct ns *ns;
	struct time_ns *t;
	int lines = 0, err = 0;

	for (; *p; lines++)
		if (lines == 2 || parse_offset(&p, &boot[lines], &sec[lines], &nsec[lines]))
			return -EINVAL;
	if (!lines)
		return -EINVAL;
	ns = ns_of_get(s->task, NS_TIME_CHILDREN);
	if (!ns)
		return -ESRCH;
	t = time_ns_of(ns);
	if (!cred_ns_capable(s->opener, ns->owner, CAP_SYS_TIME))
		err = -EPERM;
	else if (!t)
		err = -EACCES; /* boot's */
	for (int i = 0; !err && i < lines; i++) {
		if (sec[i] > S32_MAX * 4L || sec[i] < -S32_MAX * 4L)
			err = -ERANGE;
		else
			err = timens_set(t, boot[i], sec[i] * (s64)NSEC_PER_SEC + nsec[i]);
	}
	ns_put(ns);
	return err;
}
