/*
 * /proc/PID/fail-nth and /proc/PID/task/TID/fail-nth of the debug kernel: allocations that fail
 * though there is memory (Linux's fault-injection.rst, "Systematic faulting"). Who writes N has the
 * Nth allocation fail that the task makes from then on, on its own behalf: not in an interrupt,
 * and not its children. A read gives what is left to count: 0, it came to that; 0 written ends it.
 * Neither a read nor a write allocates, so what is counted is the work in between.
 */
#ifdef DEBUG
#include "procfs/procfs.h"

#include <uapi/errno.h>

#include "alloc/page.h"
#include "core/irq.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "mm/iter.h"
#include "proc/proc.h"

static bool fail_now(void)
{
	struct task *t = current;

	return READ_ONCE(t->fail_nth) && !in_interrupt() && --t->fail_nth == 0;
}

static int fail_open(struct inode *i, struct file *f)
{
	struct subject s;
	int err = tree_subject(i, &s);

	if (err)
		return err;
	if (ptrace_may_access(s.task, false))
		f->priv = task_get(s.task);
	else
		err = -EACCES;
	subject_put(&s);
	return err;
}

static void fail_release(struct file *f)
{
	task_put(f->priv);
}

static ssize_t fail_read(struct file *f, struct iter *it, u64 *pos)
{
	const struct task *t = f->priv;
	char text[16];
	size_t n = (size_t)snprintf(text, sizeof(text), "%u\n", READ_ONCE(t->fail_nth));

	if (*pos >= n)
		return 0;
	n = min(n - *pos, it->count);
	if (iter_copy_to(it, text + *pos, n) < n)
		return -EFAULT;
	*pos += n;
	return (ssize_t)n;
}

static ssize_t fail_write(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct task *t = f->priv;
	char text[16] = "";
	size_t n = it->count;
	u32 nth;

	if (n >= sizeof(text))
		return -EINVAL;
	if (iter_copy_from(it, text, n) < n)
		return -EFAULT;
	if (parse_u32(text, 0, &nth))
		return -EINVAL;
	WRITE_ONCE(alloc_fail_hook, fail_now);
	WRITE_ONCE(t->fail_nth, nth);
	return (ssize_t)n;
}

const struct file_ops pid_fail_fops = {
	.open = fail_open,
	.release = fail_release,
	.read = fail_read,
	.write = fail_write,
	.llseek = pid_mem_llseek,
};
#endif
