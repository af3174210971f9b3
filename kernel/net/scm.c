/*
 * What unix(7) sends with a message, files and credentials. What comes in is a kernel copy; what
 * goes out is written to the receiver's room at once. No locks; all of it may sleep.
 */
#include "core/pidns.h"
#include "net/socket.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/notify.h"
#include "lib/string.h"
#include "mm/usercopy.h"

/* --- files --- */

static int import_files(const struct cmsghdr *c, struct scm *scm)
{
	const int *fds = cmsg_data(c);
	size_t n = (c->cmsg_len - sizeof(*c)) / sizeof(int);
	struct scm_files *files;
	size_t had = scm->files ? scm->files->n : 0;
	u64 limit = rlimit_get(RLIMIT_NOFILE);
	u32 uid = current->cred->uid;

	if (!n)
		return 0;
	if (n + had > SCM_MAX_FILES)
		return -EINVAL;
	if (user_count_read(uid, USER_INFLIGHT) > limit && !capable(CAP_SYS_RESOURCE) &&
	    !capable(CAP_SYS_ADMIN))
		return -ETOOMANYREFS;
	files = kmalloc(sizeof(*files) + (had + n) * sizeof(files->file[0]), 0);
	if (!files)
		return -ENOMEM;
	*files = (struct scm_files){ .n = had, .uid = uid };
	if (had)
		memcpy(files->file, scm->files->file, had * sizeof(files->file[0]));
	kfree(scm->files);
	scm->files = files;
	if (!user_charge_n(uid, USER_INFLIGHT, n, U64_MAX))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct file *f = fd_get_raw(fds[i]);

		if (!f) {
			user_uncharge_n(uid, USER_INFLIGHT, n - i);
			return -EBADF;
		}
		files->file[files->n++] = f;
	}
	return 0;
}

struct scm_files *scm_files_dup(const struct scm_files *files)
{
	size_t size = sizeof(*files) + files->n * sizeof(files->file[0]);
	struct scm_files *copy = kmemdup(files, size);

	if (!copy)
		return NULL;
	if (!user_charge_n(copy->uid, USER_INFLIGHT, copy->n, U64_MAX)) {
		kfree(copy);
		return NULL;
	}
	for (unsigned i = 0; i < copy->n; i++)
		file_get(copy->file[i]);
	return copy;
}

void scm_files_put(struct scm_files *files)
{
	if (!files)
		return;
	if (files->n)
		user_uncharge_n(files->uid, USER_INFLIGHT, files->n);
	for (unsigned i = 0; i < files->n; i++)
		file_put(files->file[i]);
	kfree(files);
}

void scm_export_files(struct message *m, const struct scm_files *files)
{
	size_t fits = m->room && m->room_len > sizeof(struct cmsghdr) ?
			      (m->room_len - sizeof(struct cmsghdr)) / sizeof(int) :
			      0;
	struct cmsghdr c = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	int __user *out = (int __user *)((u8 __user *)m->room + sizeof(c));
	unsigned i;

	for (i = 0; i < files->n && i < fits; i++) {
		int fd = fd_reserve(0, m->flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0);

		if (fd < 0)
			break;
		if (put_user_u32((u32)fd, (u32 __user *)&out[i])) {
			fd_unreserve(fd);
			break;
		}
		fd_install(fd, file_get(files->file[i]));
	}
	if (i < files->n)
		m->out_flags |= MSG_CTRUNC;
	if (!i)
		return;
	c.cmsg_len = sizeof(c) + i * sizeof(int);
	if (!copy_to_user(m->room, &c, sizeof(c)))
		cmsg_end(m, i * sizeof(int));
}

/* --- credentials --- */

struct ucred ucred_shown(struct ucred c)
{
	if (c.uid != NO_ID)
		c.uid = uid_shown(current_user_ns(), c.uid);
	if (c.gid != NO_ID)
		c.gid = gid_shown(current_user_ns(), c.gid);
	c.pid = (u32)nr_here((int)c.pid);
	return c;
}

void scm_put_cred(struct message *m, struct ucred c)
{
	c = ucred_shown(c);
	cmsg_put(m, SOL_SOCKET, SCM_CREDENTIALS, &c, sizeof(c));
}

void scm_put_pidfd(struct message *m, struct pid *p)
{
	struct file *f = NULL;
	int fd;

	if (!m->room || m->room_len < sizeof(struct cmsghdr) + sizeof(fd)) {
		m->out_flags |= MSG_CTRUNC;
		return;
	}
	fd = READ_ONCE(p->proc) ? notify_pidfd(p, 0, &f) : -EINVAL;
	cmsg_put(m, SOL_SOCKET, SCM_PIDFD, &fd, sizeof(fd));
	if (fd >= 0)
		fd_install(fd, f);
}

/* As the kernel numbers them, from current's words. -EINVAL: nobody. */
static int own_cred(struct ucred *c)
{
	c->uid = kuid_of(current_user_ns(), c->uid);
	c->gid = kgid_of(current_user_ns(), c->gid);
	return c->uid == NO_ID || c->gid == NO_ID ? -EINVAL : 0;
}

/* May current say that it is who c names? unix(7), SCM_CREDENTIALS. */
static int check_cred(struct scm *scm)
{
	struct ucred *c = &scm->cred;
	const struct pid_ns *ns = current_pid_ns();
	const struct cred *me = current->cred;
	bool uid = c->uid == me->uid || c->uid == me->euid || c->uid == me->suid;
	bool gid = c->gid == me->gid || c->gid == me->egid || c->gid == me->sgid;
	bool pid = (int)c->pid == current->proc->pid->own;
	struct proc *p;

	if ((!pid && !ns_capable(ns ? ns->ns.owner : NULL, CAP_SYS_ADMIN)) ||
	    (!uid && !own_capable(CAP_SETUID)) || (!gid && !own_capable(CAP_SETGID)))
		return -EPERM;
	p = proc_find_get((int)c->pid);
	if (!p)
		return -ESRCH;
	c->pid = (u32)proc_pid(p);
	pid_put(scm->pid);
	scm->pid = pid_get(p->pid);
	proc_put(p);
	return 0;
}

int scm_import(const struct message *m, struct scm *scm)
{
	size_t off = 0;
	int err = 0;

	*scm = (struct scm){
		.cred = { (u32)proc_pid(current->proc), current->cred->uid, current->cred->gid },
	};
	while (!err) {
		const struct cmsghdr *c = cmsg_next(m, &off);

		if (!c)
			return 0;
		if (IS_ERR(c)) {
			err = (int)PTR_ERR(c);
		} else if (c->cmsg_level != SOL_SOCKET) {
			continue;
		} else if (c->cmsg_type == SCM_RIGHTS) {
			err = import_files(c, scm);
		} else if (c->cmsg_type == SCM_CREDENTIALS) {
			if (c->cmsg_len != sizeof(*c) + sizeof(scm->cred)) {
				err = -EINVAL;
				continue;
			}
			memcpy(&scm->cred, cmsg_data(c), sizeof(scm->cred));
			err = own_cred(&scm->cred);
			if (!err)
				err = check_cred(scm);
		} else {
			err = -EINVAL;
		}
	}
	scm_drop(scm);
	return err;
}

void scm_drop(struct scm *scm)
{
	scm_files_put(scm->files);
	scm->files = NULL;
	pid_put(scm->pid);
	scm->pid = NULL;
}
