/*
 * What a mount of /proc shows: proc(5), "Mount options". hidepid= says how much there is of processes that
 * one may not trace (ptrace(2)), gid= who sees them all the same, subset=pid that there is nothing else.
 *
 * A remount writes the words one by one; whoever looks meanwhile may see some of them changed.
 */
#include "procfs/procfs.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/userns.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "proc/proc.h"

enum hide {
	HIDE_OFF = 0,
	HIDE_NO_ACCESS = 1, /* their folders are shut */
	HIDE_INVISIBLE = 2, /* and not listed */
	HIDE_NOT_PTRACEABLE = 4, /* they are not there, for the group neither */
};

struct proc_options {
	enum hide hide; /* [a] */
	u32 gid; /* [a] the kernel's number; NO_ID: nobody's */
	bool pids_only; /* [a] */
};

static const char *const hide_names[] = {
	[HIDE_OFF] = "off",
	[HIDE_NO_ACCESS] = "noaccess",
	[HIDE_INVISIBLE] = "invisible",
	[HIDE_NOT_PTRACEABLE] = "ptraceable",
};

/* --- options --- */

static int parse_hide(const char *val, struct proc_options *o)
{
	u32 v;

	if (!parse_u32(val, 0, &v)) {
		if (v >= ARRAY_SIZE(hide_names) || !hide_names[v])
			return -EINVAL;
		o->hide = (enum hide)v;
		return 0;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(hide_names); i++) {
		if (hide_names[i] && str_equal(val, hide_names[i])) {
			o->hide = (enum hide)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* 0, -EINVAL, -ENOPARAM. val NULL: given without one. */
static int parse_option(const char *key, const char *val, struct proc_options *o)
{
	u32 gid;

	if (str_equal(key, "hidepid"))
		return val ? parse_hide(val, o) : -EINVAL;
	if (str_equal(key, "gid")) {
		if (!val || parse_u32(val, 0, &gid))
			return -EINVAL;
		o->gid = kgid_of(current_user_ns(), gid);
		return 0;
	}
	if (!str_equal(key, "subset"))
		return -ENOPARAM;
	if (!val || !str_equal(val, "pid"))
		return -EINVAL;
	o->pids_only = true;
	return 0;
}

int proc_option(const char *key, const char *val)
{
	struct proc_options o;

	return parse_option(key, val, &o);
}

static int parse_options(const char *data, struct proc_options *o)
{
	char *copy = data ? kstrdup(data) : NULL, *rest = copy, *opt;
	int err = 0;

	if (data && !copy)
		return -ENOMEM;
	while (!err && (opt = strsep(&rest, ","))) {
		char *val = strchr(opt, '=');

		if (!*opt)
			continue;
		if (val)
			*val++ = '\0';
		err = parse_option(opt, val, o) ? -EINVAL : 0;
	}
	kfree(copy);
	return err;
}

struct proc_options *proc_options_new(const char *data)
{
	struct proc_options *o = kzalloc(sizeof(*o), 0);
	int err = o ? parse_options(data, o) : -ENOMEM;

	if (!err)
		return o;
	kfree(o);
	return ERR_PTR(err);
}

static int remount(void *priv, const char *data)
{
	struct proc_options *o = priv, next = *o;
	int err = parse_options(data, &next);

	if (err)
		return err;
	WRITE_ONCE(o->hide, next.hide);
	WRITE_ONCE(o->gid, next.gid);
	WRITE_ONCE(o->pids_only, next.pids_only);
	return 0;
}

static int show(const void *priv, char *buf, size_t n)
{
	const struct proc_options *o = priv;
	u32 gid = READ_ONCE(o->gid);
	int at = 0;

	if (gid)
		at += scnprintf(buf, n, ",gid=%u",
				gid == NO_ID ? (u32)overflow_gid :
					       gid_shown(current_user_ns(), gid));
	if (READ_ONCE(o->hide) != HIDE_OFF)
		at += scnprintf(buf + at, n - (size_t)at, ",hidepid=%s", hide_names[o->hide]);
	if (READ_ONCE(o->pids_only))
		at += scnprintf(buf + at, n - (size_t)at, ",subset=pid");
	return at;
}

const struct tree_options proc_options = { .show = show, .remount = remount };

/* --- who sees what --- */

bool proc_pids_only(const struct super *sb)
{
	return READ_ONCE(((const struct proc_options *)tree_priv(sb))->pids_only);
}

/* Is what hides from `least` on open to current? */
static bool sees(const struct super *sb, const struct task *t, enum hide least)
{
	const struct proc_options *o = tree_priv(sb);
	enum hide hide = READ_ONCE(o->hide);

	if (hide == HIDE_NOT_PTRACEABLE)
		return ptrace_may_access(t, false);
	return hide < least || cred_in_group(current->cred, READ_ONCE(o->gid)) ||
	       ptrace_may_access(t, false);
}

static bool sees_pid(const struct super *sb, struct pid *pid, enum hide least)
{
	struct task *t;
	bool seen = false;

	if (READ_ONCE(((const struct proc_options *)tree_priv(sb))->hide) < least)
		return true;
	t = pid_task_get(pid);
	if (t) {
		seen = sees(sb, t, least);
		task_put(t);
	}
	return seen;
}

bool proc_finds(const struct super *sb, struct pid *pid)
{
	return sees_pid(sb, pid, HIDE_NOT_PTRACEABLE);
}

bool proc_lists(const struct super *sb, struct pid *pid)
{
	return sees_pid(sb, pid, HIDE_INVISIBLE);
}

int proc_guard(const struct subject *s, int mask)
{
	const struct proc_options *o = tree_priv(s->sb);

	if (!mask)
		return sees(s->sb, s->task, HIDE_INVISIBLE) ? 0 : -ENOENT;
	if (sees(s->sb, s->task, HIDE_NO_ACCESS))
		return 0;
	return READ_ONCE(o->hide) == HIDE_INVISIBLE ? -ENOENT : -EPERM;
}
