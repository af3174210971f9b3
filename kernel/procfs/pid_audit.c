/*
 * /proc/PID/loginuid and sessionid (proc(5), pam_loginuid(8)): who logged in to make this process, and in which
 * session. Both are inherited by fork(2) and kept over execve(2) and setuid(2); nothing in the kernel asks for them.
 */
#include "procfs/procfs.h"

#include <atomic.h>
#include <uapi/errno.h>
#include <uapi/prctl.h>

#include "core/cred.h"
#include "core/userns.h"
#include "lib/parse.h"

#define UNSET U32_MAX

int pid_loginuid_show(struct text *out, const struct subject *s)
{
	const struct user_ns *ns = s->opener->user;
	u32 uid = READ_ONCE(s->task->loginuid);

	text_printf(out, "%u", ns ? id_map_up(ns, ID_USER, uid) : uid);
	return 0;
}

int pid_sessionid_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%u", READ_ONCE(s->task->sessionid));
	return 0;
}

/* One's own alone; once it is set, only with CAP_AUDIT_CONTROL. Each log-in begins a session. */
int pid_loginuid_store(const struct subject *s, char *text, size_t n __unused)
{
	static atomic_t sessions;
	struct task *t = s->task;
	u32 given, uid = UNSET;
	int err = parse_u32(text + (*text == '+'), 10, &given);

	if (t != current)
		return -EPERM;
	if (err)
		return err;
	if (given != UNSET) {
		uid = kuid_of(s->opener->user, given);
		if (uid == NO_ID)
			return -EINVAL;
	}
	if (t->loginuid != UNSET && !capable(CAP_AUDIT_CONTROL))
		return -EPERM;
	WRITE_ONCE(t->sessionid, uid == UNSET ? UNSET : (u32)atomic_inc_return(&sessions));
	WRITE_ONCE(t->loginuid, uid);
	return 0;
}
