/*
 * /dev/kmsg: the log record by record, as Linux's Documentation/ABI/testing/dev-kmsg says, and lines of
 * programs into it. A file begins with the oldest record there is; the number of a record counts from
 * there.
 *
 * Locking: a file's place is under its pos_mutex.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "core/klog.h"
#include "core/time.h"
#include "core/wait.h"
#include "alloc/slab.h"
#include "fs/devfs/kmsg.h"
#include "fs/internal.h"
#include "fs/poll.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "sync/log.h"

#define LOOK_NS	      (50 * NSEC_PER_MSEC)
#define RECORD_MAX    1024
#define LINE_MAX_LEN  976 /* of a line that a program writes: Linux's */
#define FACILITY_USER 1 /* syslog(3) */

#define BURST	      10 /* lines of a file in INTERVAL, unless all are taken: Linux's */
#define INTERVAL      (5 * NSEC_PER_SEC)

int kmsg_writers = KMSG_RATELIMIT;

/* file->priv */
struct kmsg_reader {
	u64 since; /* where an interval began, now_mono(); [a], as is lines: what races takes a line too many */
	u32 lines; /* written in it */
	u64 pos; /* in the log */
	u64 number; /* of the record there */
	char line[RECORD_MAX], record[RECORD_MAX + 64];
};

static int kmsg_open(struct inode *i __unused, struct file *f)
{
	if (READ_ONCE(kmsg_writers) == KMSG_OFF)
		return -EPERM;
	if (f->mode & FMODE_READ && READ_ONCE(dmesg_restrict) && !capable(CAP_SYSLOG))
		return -EPERM;
	f->priv = kzalloc(sizeof(struct kmsg_reader), 0);
	return f->priv ? 0 : -ENOMEM;
}

static void kmsg_release(struct file *f)
{
	kfree(f->priv);
}

/* Is one more line of f taken? */
static bool takes(struct kmsg_reader *r)
{
	u64 now = now_mono();

	if (READ_ONCE(kmsg_writers) != KMSG_RATELIMIT)
		return READ_ONCE(kmsg_writers) == KMSG_ON;
	if (!READ_ONCE(r->since) || now - READ_ONCE(r->since) >= INTERVAL) {
		WRITE_ONCE(r->since, now);
		WRITE_ONCE(r->lines, 0);
	}
	if (READ_ONCE(r->lines) >= BURST)
		return false;
	WRITE_ONCE(r->lines, r->lines + 1);
	return true;
}

static ssize_t kmsg_write(struct file *f, struct iter *it, u64 *pos __unused)
{
	int level = LOG_WARNING | FACILITY_USER << 3;
	const char *s, *rest;
	size_t n = it->count;
	char *line;
	u64 prefix;

	if (n > LINE_MAX_LEN)
		return -EINVAL;
	if (!takes(f->priv))
		return (ssize_t)n;
	line = kmalloc(n + 1, 0);
	if (!line)
		return -ENOMEM;
	if (iter_copy_from(it, line, n) != n) {
		kfree(line);
		return -EFAULT;
	}
	line[n] = '\0';
	s = line;
	if (n && line[0] == '<') {
		rest = line + 1;
		if (!scan_u64(&rest, 10, &prefix) && *rest == '>') {
			level = (int)(prefix & 0x3ff);
			if (level < 8)
				level |= FACILITY_USER << 3;
			s = rest + 1;
		}
	}
	printk(level, "%s", s);
	kfree(line);
	return (ssize_t)n;
}

/* The next line of the log into r->line, and where the one behind it is. False: there is none. */
static bool next_line(struct kmsg_reader *r, u64 *behind)
{
	u64 pos = r->pos;
	size_t n = log_read(&pos, r->line, sizeof(r->line) - 1);
	char *end;

	r->line[n] = '\0';
	end = strchr(r->line, '\n');
	if (!n || !end)
		return false;
	*end = '\0';
	*behind = pos - n + (size_t)(end - r->line) + 1;
	return true;
}

/* "<6>[    0.123456] text" as "6,NUMBER,123456,-;text". Its length. */
static size_t make_record(struct kmsg_reader *r)
{
	const char *s = r->line + 1;
	u64 level = LOG_INFO, sec = 0, usec = 0;

	if (r->line[0] == '<' && !scan_u64(&s, 10, &level) && *s == '>')
		s++;
	if (*s == '[') {
		for (s++; *s == ' '; s++)
			;
		if (!scan_u64(&s, 10, &sec) && *s == '.') {
			s++;
			scan_u64(&s, 10, &usec);
		}
		s = *s == ']' ? s + 2 : s;
	}
	return (size_t)scnprintf(r->record, sizeof(r->record), "%lu,%lu,%lu,-;%s\n", level,
				 r->number, sec * 1000000 + usec, s);
}

static bool kmsg_ready(void *arg)
{
	struct kmsg_reader *r = arg;
	u64 pos = r->pos;
	char c;

	return log_read(&pos, &c, 1) != 0;
}

static ssize_t kmsg_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct kmsg_reader *r = f->priv;
	u64 first = log_oldest(), behind;
	size_t n;
	int err;

	if (r->pos && r->pos < first) { /* overwritten meanwhile */
		r->pos = first;
		r->number++;
		return -EPIPE;
	}
	r->pos = max(r->pos, first);
	while (!next_line(r, &behind)) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		/* nobody is woken by a line: look now and then */
		err = wait_until(&klog_wait, kmsg_ready, r, TASK_INTERRUPTIBLE,
				 now_mono() + LOOK_NS);
		if (err && err != -ETIMEDOUT)
			return err;
	}
	n = make_record(r);
	if (n > it->count)
		return -EINVAL;
	r->pos = behind;
	r->number++;
	return iter_copy_to(it, r->record, n) == n ? (ssize_t)n : -EFAULT;
}

static s64 kmsg_llseek(struct file *f, s64 off, int whence)
{
	struct kmsg_reader *r = f->priv;
	u64 behind;

	if (!r)
		return -EBADF;
	if (off)
		return -ESPIPE;
	switch (whence) {
	case SEEK_SET:
		r->pos = r->number = 0;
		return 0;
	case SEEK_DATA: /* what came since the log was cleared */
		r->pos = max(log_first(), log_oldest());
		return 0;
	case SEEK_END:
		while (next_line(r, &behind)) {
			r->pos = behind;
			r->number++;
		}
		return 0;
	default:
		return -EINVAL;
	}
}

static u32 kmsg_poll(struct file *f, struct poll_table *pt)
{
	if (!f->priv)
		return EPOLLERR | EPOLLNVAL;
	poll_wait(f, &klog_wait, pt);
	klog_watch();
	return kmsg_ready(f->priv) ? EPOLLIN | EPOLLRDNORM : 0;
}

const struct file_ops kmsg_fops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read = kmsg_read,
	.write = kmsg_write,
	.llseek = kmsg_llseek,
	.poll = kmsg_poll,
};
