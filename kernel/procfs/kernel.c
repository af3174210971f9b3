/*
 * /proc/kmsg and /proc/kallsyms: what the kernel says, and where its functions are; proc(5).
 */
#include "procfs/procfs.h"

#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "core/klog.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "sync/stack.h"

/* --- kmsg ------------------------------------------------------------------------------ */

static int proc_kmsg_open(struct inode *i __unused, struct file *f __unused)
{
	return capable(CAP_SYSLOG) ? 0 : -EPERM;
}

static ssize_t proc_kmsg_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	char buf[512];
	long n = klog_read(buf, min(sizeof(buf), it->count), f->flags & O_NONBLOCK);

	if (n <= 0)
		return n;
	return iter_copy_to(it, buf, (size_t)n) == (size_t)n ? n : -EFAULT;
}

static u32 proc_kmsg_poll(struct file *f, struct poll_table *pt)
{
	poll_wait(f, &klog_wait, pt);
	klog_watch();
	return klog_unread() ? EPOLLIN | EPOLLRDNORM : 0;
}

const struct file_ops proc_kmsg_fops = {
	.open = proc_kmsg_open,
	.read = proc_kmsg_read,
	.poll = proc_kmsg_poll,
};

/* --- kallsyms: addresses are for who may read the log (proc(5), kptr_restrict) ---------- */

int kptr_restrict;

int kallsyms_show(struct text *out, const struct subject *s __unused)
{
	bool may = READ_ONCE(kptr_restrict) < 2 && capable(CAP_SYSLOG);
	u64 i = text_begin(out), addr;
	const char *name;

	for (; (name = stack_symbol_at((u32)i, &addr)); i++) {
		if (text_enough(out)) {
			out->next = i;
			break;
		}
		text_printf(out, "%016lx T %s\n", may ? addr : 0, name);
	}
	return 0;
}
