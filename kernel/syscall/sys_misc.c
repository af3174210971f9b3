/*
 * System calls about the system, limits and oneself: uname(2), sysinfo(2),
 * getrusage(2), prlimit(2), acct(2), getrandom(2), personality(2), reboot(2), syslog(2).
 * prctl(2) is sys_prctl.c. Limits are sighand->lock's, names uts_lock's.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/personality.h>
#include <uapi/prctl.h>
#include <uapi/random.h>
#include <uapi/resource.h>
#include <uapi/rseq.h>
#include <uapi/sysinfo.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/random.h"
#include "core/rcu.h"
#include "core/klog.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "core/timens.h"
#include "core/userns.h"
#include "debug/tracepoint.h"
#include "dev/machine.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "mm/vmobject.h"
#include "proc/acct.h"
#include "proc/proc.h"
#include "proc/room.h"
#include "proc/uts.h"
#include "sync/log.h"
#include "syscall/syscall.h"

/* --- names ------------------------------------------------------------------------------------------- */

/*
 * What personality(2) asks for: the name of a 32-bit machine; a release that begins with 2.6, 6.12 being
 * the 72nd of that count, for programs that know of no other.
 */
static void uname_of_personality(struct utsname *u)
{
	unsigned long persona = current->proc->personality;

	if ((persona & PER_MASK) == PER_LINUX32)
		strlcpy(u->machine, "riscv32", sizeof(u->machine));
	if (persona & UNAME26)
		snprintf(u->release, sizeof(u->release), "2.6.72%s", UTS_RELEASE_REST);
}

long sys_uname(void __user *buf)
{
	struct utsname u;

	spin_lock(&uts_lock);
	u = *uts_name();
	spin_unlock(&uts_lock);
	uname_of_personality(&u);
	return copy_to_user(buf, &u, sizeof(u));
}

static long set_name(char *field, const char __user *name, int len)
{
	char buf[__NEW_UTS_LEN + 1] = { 0 };

	if (!ns_capable(uts_owner(), CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > __NEW_UTS_LEN)
		return -EINVAL;
	if (copy_from_user(buf, name, (size_t)len))
		return -EFAULT;
	spin_lock(&uts_lock);
	memcpy(field, buf, sizeof(buf));
	spin_unlock(&uts_lock);
	return 0;
}

long sys_acct(const char __user *upath)
{
	char *path = NULL;
	long ret;

	if (!capable(CAP_SYS_PACCT))
		return -EPERM;
	if (upath) {
		path = getname(upath, false);
		if (IS_ERR(path))
			return PTR_ERR(path);
	}
	ret = acct_start(path);
	if (path)
		putname(path);
	return ret;
}

long sys_sethostname(const char __user *name, int len)
{
	return set_name(uts_name()->nodename, name, len);
}

long sys_setdomainname(const char __user *name, int len)
{
	return set_name(uts_name()->domainname, name, len);
}

/* --- the state of the machine --------------------------------------------------------------------------- */

long sys_sysinfo(void __user *info)
{
	struct sysinfo si = { .mem_unit = 1 };
	struct page_stats pages;
	struct sched_stats sched;

	page_stats(&pages);
	sched_stats(&sched);
	si.uptime = (long)((now_mono() + (u64)timens_boot() + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
	for (unsigned i = 0; i < 3; i++)
		si.loads[i] = sched.load[i] << (SI_LOAD_SHIFT - 11);
	si.totalram = pages.total * PAGE_SIZE;
	si.freeram = pages.free * PAGE_SIZE;
	si.sharedram = pagecache_pinned() * PAGE_SIZE;
	si.procs = (u16)atomic_read(&nr_user_tasks);
	return copy_to_user(info, &si, sizeof(si));
}

/* reboot(2), "Behavior inside PID namespaces": its first process dies of a signal that says which. */
static long pid_ns_reboot(struct pid_ns *ns, u32 cmd)
{
	siginfo_t si;

	switch (cmd) {
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_RESTART2:
		WRITE_ONCE(ns->reboot, SIGHUP);
		break;
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		WRITE_ONCE(ns->reboot, SIGINT);
		break;
	default:
		return -EINVAL;
	}
	siginfo_init(&si, SIGKILL, SI_KERNEL);
	signal_send_proc(ns->init, &si); /* it stays until current has gone */
	group_exit(0);
}

long sys_reboot(unsigned long magic1, unsigned long magic2, unsigned long cmd,
		void __user *arg __unused)
{
	u32 m2 = (u32)magic2;

	struct pid_ns *ns = current_pid_ns();

	if (!ns_capable(ns ? ns->ns.owner : NULL, CAP_SYS_BOOT))
		return -EPERM;
	if ((u32)magic1 != LINUX_REBOOT_MAGIC1 ||
	    (m2 != LINUX_REBOOT_MAGIC2 && m2 != LINUX_REBOOT_MAGIC2A &&
	     m2 != LINUX_REBOOT_MAGIC2B && m2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	if (ns)
		return pid_ns_reboot(ns, (u32)cmd);
	switch ((u32)cmd) {
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0;
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_RESTART2:
		fs_finish();
		pr_info("restarting");
		tracepoint_finish();
		machine_restart();
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		fs_finish();
		pr_info("power off");
		tracepoint_finish();
		machine_poweroff();
	default:
		return -EINVAL;
	}
}

/* --- the log (syslog(2)) ----------------------------------------------------------------------------------- */

enum {
	SYSLOG_CLOSE,
	SYSLOG_OPEN,
	SYSLOG_READ,
	SYSLOG_READ_ALL,
	SYSLOG_READ_CLEAR,
	SYSLOG_CLEAR,
	SYSLOG_CONSOLE_OFF,
	SYSLOG_CONSOLE_ON,
	SYSLOG_CONSOLE_LEVEL,
	SYSLOG_SIZE_UNREAD,
	SYSLOG_SIZE_BUFFER,
};

/* Bytes of the log since it was last cleared. */
static u64 log_bytes(char *scratch)
{
	u64 pos = log_first(), sum = 0;
	size_t n;

	while ((n = log_read(&pos, scratch, PAGE_SIZE)) > 0)
		sum += n;
	return sum;
}

/* The last len of them. */
static long log_copy_tail(char __user *buf, size_t len, char *scratch)
{
	u64 have = log_bytes(scratch), pos = log_first(), skip = have > len ? have - len : 0;
	size_t done = 0, n;

	while (done < len && (n = log_read(&pos, scratch, PAGE_SIZE)) > 0) {
		size_t off = min(skip, (u64)n), take = min(n - off, len - done);

		skip -= off;
		if (copy_to_user(buf + done, scratch + off, take))
			return -EFAULT;
		done += take;
	}
	return (long)done;
}

static long log_action(int type, char __user *buf, size_t len, char *scratch)
{
	long ret = 0;

	switch (type) {
	case SYSLOG_READ:
		ret = klog_read(scratch, min(len, PAGE_SIZE), false);
		return ret > 0 && copy_to_user(buf, scratch, (size_t)ret) ? -EFAULT : ret;
	case SYSLOG_SIZE_UNREAD:
		return (long)klog_unread();
	case SYSLOG_READ_ALL:
		return log_copy_tail(buf, len, scratch);
	case SYSLOG_READ_CLEAR:
		ret = log_copy_tail(buf, len, scratch);
		if (ret >= 0)
			log_clear();
		return ret;
	case SYSLOG_CLEAR:
		log_clear();
		return 0;
	default:
		return (long)log_bytes(scratch);
	}
}

long sys_syslog(int type, void __user *buf, int len)
{
	static int saved_level = -1; /* of the console before it was turned off */
	char *scratch;
	long ret;

	if (type < SYSLOG_CLOSE || type > SYSLOG_SIZE_BUFFER)
		return -EINVAL;
	if (((type != SYSLOG_READ_ALL && type != SYSLOG_SIZE_BUFFER) ||
	     READ_ONCE(dmesg_restrict)) &&
	    !capable(CAP_SYSLOG) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	switch (type) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ:
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		if (!buf || len < 0)
			return -EINVAL;
		if (!len)
			return 0;
		break;
	case SYSLOG_CONSOLE_OFF:
		if (saved_level < 0)
			saved_level = console_loglevel;
		console_loglevel = 1;
		return 0;
	case SYSLOG_CONSOLE_ON:
		if (saved_level >= 0)
			console_loglevel = saved_level;
		saved_level = -1;
		return 0;
	case SYSLOG_CONSOLE_LEVEL:
		if (len < 1 || len > 8)
			return -EINVAL;
		console_loglevel = len;
		saved_level = -1;
		return 0;
	}
	scratch = kmalloc(PAGE_SIZE, 0);
	if (!scratch)
		return -ENOMEM;
	ret = log_action(type, buf, (size_t)max(len, 0), scratch);
	kfree(scratch);
	return ret;
}

/* --- limits and usage --------------------------------------------------------------------------------------- */

long sys_getrusage(int who, void __user *usage)
{
	struct usage u;
	struct rusage ru;

	switch (who) {
	case RUSAGE_SELF:
		usage_self(current->proc, &u);
		break;
	case RUSAGE_CHILDREN:
		usage_children(current->proc, &u);
		break;
	case RUSAGE_THREAD:
		usage_thread(current, &u);
		break;
	default:
		return -EINVAL;
	}
	usage_to_rusage(&u, &ru);
	return copy_to_user(usage, &ru, sizeof(ru));
}

/* prlimit(2) on kernel values; new or old may be NULL. */
static long set_limit(struct proc *p, unsigned resource, const struct rlimit *new,
		      struct rlimit *old)
{
	struct sighand *sh;
	unsigned long irq;
	struct rlimit *r;
	long err = 0;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (new &&new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (new &&resource == RLIMIT_NOFILE &&new->rlim_max > (u64)READ_ONCE(files_nr_open))
		return -EPERM;
	r = &p->rlimits[resource];
	sh = sighand_lock(p, &irq);
	if (old)
		*old = *r;
	if (new &&new->rlim_max > r->rlim_max && !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	else if (new)
		*r = *new;
	if (!err && new && (resource == RLIMIT_CPU || resource == RLIMIT_RTTIME))
		itimer_limit(p);
	sighand_unlock(sh, irq);
	return err;
}

long sys_getrlimit(unsigned int resource, void __user *rlim)
{
	struct rlimit r;
	long err = set_limit(current->proc, resource, NULL, &r);

	return err ? err : copy_to_user(rlim, &r, sizeof(r));
}

long sys_setrlimit(unsigned int resource, void __user *rlim)
{
	struct rlimit r;

	if (copy_from_user(&r, rlim, sizeof(r)))
		return -EFAULT;
	return set_limit(current->proc, resource, &r, NULL);
}

static bool may_limit(const struct proc *p)
{
	const struct task *leader = READ_ONCE(p->leader);
	const struct cred *me = current->cred, *c = leader ? leader->cred : NULL;

	if (p == current->proc)
		return true;
	if (c && me->uid == c->uid && me->uid == c->euid && me->uid == c->suid &&
	    me->gid == c->gid && me->gid == c->egid && me->gid == c->sgid)
		return true;
	return leader && task_capable(leader, CAP_SYS_RESOURCE);
}

long sys_prlimit64(int pid, unsigned int resource, const void __user *new_limit,
		   void __user *old_limit)
{
	struct rlimit new, old;
	struct task *t;
	long err;

	if (new_limit && copy_from_user(&new, new_limit, sizeof(new)))
		return -EFAULT;
	t = pid ? task_find_get(pid) : task_get(current);
	if (!t)
		return -ESRCH;
	err = -ESRCH;
	if (t->proc)
		err = may_limit(t->proc) ?
			      set_limit(t->proc, resource, new_limit ? &new : NULL, &old) :
			      -EPERM;
	task_put(t);
	if (!err && old_limit && copy_to_user(old_limit, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}

/* --- random bytes -------------------------------------------------------------------------------------------- */

long sys_getrandom(void __user *buf, size_t buflen, unsigned long flags)
{
	u8 chunk[256];
	size_t done = 0;
	int err;

	if ((u32)flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if (!(flags & GRND_INSECURE) && !random_ready()) {
		if (flags & GRND_NONBLOCK)
			return -EAGAIN;
		err = random_wait_ready();
		if (err)
			return err;
	}
	buflen = min(buflen, MAX_RW_COUNT);
	while (done < buflen) {
		size_t n = min(buflen - done, sizeof(chunk)), got;

		random_bytes(chunk, n);
		got = copy_to_user_partial((u8 __user *)buf + done, chunk, n);
		done += got;
		if (got < n)
			break;
		cond_resched();
		if (done % PAGE_SIZE == 0 && signal_pending(current))
			break;
	}
	memzero_explicit(chunk, sizeof(chunk));
	return done || !buflen ? (long)done : -EFAULT;
}

/* --- personality ----------------------------------------------------------------------------------------------- */

long sys_personality(unsigned long persona)
{
	struct proc *p = current->proc;
	u32 old = p->personality;

	if ((u32)persona != 0xffffffffU)
		p->personality = (u32)persona;
	return old;
}

/* --- restartable sequences ------------------------------------------------------ */

long sys_rseq(void __user *rseq, unsigned int rseq_len, unsigned long flags, unsigned long sig)
{
	if ((u32)flags & RSEQ_FLAG_UNREGISTER) {
		if ((u32)flags & ~(u32)RSEQ_FLAG_UNREGISTER)
			return -EINVAL;
		return rseq_unregister(rseq, rseq_len, (u32)sig);
	}
	if ((u32)flags)
		return -EINVAL;
	return rseq_register(rseq, rseq_len, (u32)sig);
}
