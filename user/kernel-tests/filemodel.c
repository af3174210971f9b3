/*
 * filemodel.c - files against a model: what is written by all ways there are is what is read by all ways
 * there are, while others write back, drop caches and do the same with files of their own.
 *
 * Each worker has one file and a copy in memory of what it must hold. MODEL_STEPS and MODEL_SEED in the
 * environment make it longer, or another one. `usertests -d FOLDER file-model` runs it on a file system of
 * one's own choice.
 */
#include "tests.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROOM = 300000, LONGEST = 50000, WORKERS = 3, PAST = 12, PAGE = 4096 };

/* linux/falloc.h, linux/fs.h, linux/fadvise.h */
enum { KEEP = 1, PUNCH = 2, ZERO = 16, SEEK_TO_DATA = 3, SEEK_TO_HOLE = 4, DONTNEED = 4 };

struct model {
	unsigned char *want; /* ROOM bytes; zeros from size on */
	long size;
	int fd;
	char name[2][16]; /* now the first */
	unsigned long random;
	long step;
	char past[PAST][96]; /* the last calls */
};

static unsigned long number(struct model *m, unsigned long below)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random % below;
}

static _Noreturn void wrong(struct model *m, const char *what)
{
	for (long k = m->step - PAST + 1; k <= m->step; k++)
		if (k >= 0)
			dprintf(2, "  %ld: %s\n", k, m->past[k % PAST]);
	fail("%s, step %ld: %s", m->name[0], m->step, what);
}

#define MUST(m, cond) ((cond) ? (void)0 : wrong(m, #cond))
#define NOTE(m, ...)  snprintf((m)->past[(m)->step % PAST], sizeof((m)->past[0]), __VA_ARGS__)

static void compare(struct model *m, const unsigned char *got, long at, long n, const char *how)
{
	char text[120];

	for (long k = 0; k < n; k++) {
		if (got[k] == m->want[at + k])
			continue;
		snprintf(text, sizeof(text), "%s: byte %ld of %ld is %02x, not %02x", how, at + k,
			 m->size, got[k], m->want[at + k]);
		wrong(m, text);
	}
}

static void grow(struct model *m, long end)
{
	if (end > m->size)
		m->size = end;
}

/* A place in the file's room; whole pages now and then. */
static void place(struct model *m, long room, long *at, long *n)
{
	*at = (long)number(m, (unsigned long)room);
	*n = 1 + (long)number(m, number(m, 4) ? 5000 : LONGEST);
	if (!number(m, 4)) {
		*at &= -PAGE;
		*n = (*n + PAGE - 1) & -PAGE;
	}
	if (*n > room - *at)
		*n = room - *at;
}

static void fill(struct model *m, unsigned char *to, long at, long n)
{
	for (long k = 0; k < n; k++)
		to[k] = (unsigned char)(m->step * 7 + at + k + 1);
}

static void do_write(struct model *m, long at, long n)
{
	NOTE(m, "write %ld at %ld, of %ld", n, at, m->size);
	fill(m, m->want + at, at, n);
	MUST(m, pwrite(m->fd, m->want + at, (size_t)n, at) == n);
	grow(m, at + n);
}

static void do_read(struct model *m, long at, long n)
{
	static unsigned char got[ROOM];
	long left = at < m->size ? m->size - at : 0;

	NOTE(m, "read %ld at %ld", n, at);
	MUST(m, pread(m->fd, got, (size_t)n, at) == (n < left ? n : left));
	compare(m, got, at, n < left ? n : left, "read");
}

static void do_truncate(struct model *m, long size, int by_name)
{
	NOTE(m, "truncate from %ld to %ld", m->size, size);
	MUST(m, !(by_name ? truncate(m->name[0], size) : ftruncate(m->fd, size)));
	if (size < m->size)
		memset(m->want + size, 0, (size_t)(m->size - size));
	m->size = size;
}

/* Through a mapping of the pages around it; what lies behind the end of the file is zeros. */
static void do_map(struct model *m, long at, long n, int writes)
{
	long first = at & -PAGE, end, past;
	unsigned char *p;

	if (at >= m->size)
		return;
	if (n > m->size - at)
		n = m->size - at;
	end = (at + n + PAGE - 1) & -PAGE;
	NOTE(m, "%s %ld at %ld by a mapping", writes ? "write" : "read", n, at);
	p = mmap(NULL, (size_t)(end - first), PROT_READ | (writes ? PROT_WRITE : 0),
		 writes || number(m, 2) ? MAP_SHARED : MAP_PRIVATE, m->fd, first);
	MUST(m, p != MAP_FAILED);
	if (writes) {
		fill(m, m->want + at, at, n);
		memcpy(p + (at - first), m->want + at, (size_t)n);
		if (!number(m, 3))
			MUST(m,
			     !msync(p, (size_t)(end - first), number(m, 2) ? MS_SYNC : MS_ASYNC));
	}
	compare(m, p + (at - first), at, n, "mapping");
	for (past = m->size; past < end; past++)
		MUST(m, !p[past - first]);
	MUST(m, !munmap(p, (size_t)(end - first)));
}

static void do_zero(struct model *m, long at, long n, int mode)
{
	long last = at + n < m->size ? at + n : m->size;

	NOTE(m, "fallocate %d, %ld at %ld, of %ld", mode, n, at, m->size);
	if (syscall(__NR_fallocate, m->fd, mode, at, n)) { /* tmpfs has no ZERO, as Linux's */
		MUST(m, errno == EOPNOTSUPP && (mode & ZERO));
		return;
	}
	if ((mode & (PUNCH | ZERO)) && last > at)
		memset(m->want + at, 0, (size_t)(last - at));
	if (!(mode & KEEP))
		grow(m, at + n);
}

/* Where lseek(2) sees a hole there is nothing. */
static void do_seek(struct model *m)
{
	long at = 0, hole;

	NOTE(m, "look for holes");
	while (at < m->size) {
		hole = lseek(m->fd, at, SEEK_TO_HOLE);
		MUST(m, hole >= at && hole <= m->size);
		at = lseek(m->fd, hole, SEEK_TO_DATA);
		if (at < 0)
			at = m->size;
		MUST(m, at >= hole && at <= m->size);
		for (long k = hole; k < at; k++)
			MUST(m, !m->want[k]);
	}
}

static void do_copy(struct model *m, long from, long to, long n)
{
	long in = from, out = to;

	if (from >= m->size)
		return;
	if (n > m->size - from)
		n = m->size - from;
	if (n > ROOM - to)
		n = ROOM - to;
	if (to < from + n && from < to + n)
		return;
	NOTE(m, "copy %ld from %ld to %ld, of %ld", n, from, to, m->size);
	MUST(m, syscall(__NR_copy_file_range, m->fd, &in, m->fd, &out, n, 0) == n);
	memcpy(m->want + to, m->want + from, (size_t)n);
	grow(m, to + n);
}

/* Another name, and perhaps another file was there. */
static void do_rename(struct model *m)
{
	char name[16];
	int fd;

	NOTE(m, "rename");
	if (number(m, 2)) {
		fd = open(m->name[1], O_CREAT | O_WRONLY | O_TRUNC, 0600);
		MUST(m, fd >= 0 && write(fd, m->want, (size_t)m->size / 2) == m->size / 2);
		close(fd);
	}
	MUST(m, !rename(m->name[0], m->name[1]));
	strcpy(name, m->name[0]);
	strcpy(m->name[0], m->name[1]);
	strcpy(m->name[1], name);
}

static void reopen(struct model *m)
{
	struct stat st;

	NOTE(m, "close, open");
	MUST(m, !close(m->fd));
	if (number(m, 2)) {
		int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

		MUST(m, fd >= 0 && write(fd, "3", 1) == 1);
		close(fd);
	}
	m->fd = open(m->name[0], O_RDWR);
	MUST(m, m->fd >= 0 && !fstat(m->fd, &st) && st.st_size == m->size);
}

static void step(struct model *m)
{
	long at, n, to;

	place(m, ROOM, &at, &n);
	switch (number(m, 24)) {
	case 0 ... 4:
		do_write(m, at, n);
		break;
	case 5 ... 6:
		do_write(m, m->size < ROOM - 200 ? m->size : 0, 200); /* a log grows so */
		break;
	case 7 ... 9:
		do_read(m, at, n);
		break;
	case 10:
		do_truncate(m, number(m, 3) ? at : at & -PAGE, (int)number(m, 2));
		break;
	case 11 ... 12:
		do_map(m, at, n, 1);
		break;
	case 13:
		do_map(m, at, n, 0);
		break;
	case 14:
		do_zero(m, at, n, PUNCH | KEEP);
		break;
	case 15:
		do_zero(m, at, n, ZERO | (number(m, 2) ? KEEP : 0));
		break;
	case 16:
		do_zero(m, at, n, number(m, 2) ? KEEP : 0);
		break;
	case 17:
		NOTE(m, "fsync");
		MUST(m, !(number(m, 2) ? fsync(m->fd) : fdatasync(m->fd)));
		break;
	case 18:
		NOTE(m, "sync");
		if (!number(m, 4))
			sync();
		break;
	case 19:
		NOTE(m, "drop what is cached");
		MUST(m, !syscall(__NR_fadvise64, m->fd, at, n, DONTNEED));
		break;
	case 20:
		to = (long)number(m, ROOM);
		do_copy(m, at, to, n);
		break;
	case 21:
		do_seek(m);
		break;
	case 22:
		do_rename(m);
		break;
	case 23:
		reopen(m);
		break;
	}
}

static void work(int me, unsigned long seed, long steps)
{
	static struct model m;
	struct stat st;

	m.want = calloc(1, ROOM);
	m.random = (seed * WORKERS + (unsigned long)me + 1) * 0x9e3779b97f4a7c15UL;
	snprintf(m.name[0], sizeof(m.name[0]), "model%d", me);
	snprintf(m.name[1], sizeof(m.name[1]), "other%d", me);
	m.fd = open(m.name[0], O_CREAT | O_RDWR, 0600);
	CHECK(m.want && m.fd >= 0);
	for (m.step = 0; m.step < steps; m.step++) {
		step(&m);
		MUST(&m, !fstat(m.fd, &st) && st.st_size == m.size);
	}
	m.step--;
	do_read(&m, 0, ROOM);
	CHECK(!close(m.fd) && !unlink(m.name[0]));
	unlink(m.name[1]);
	free(m.want);
}

static void file_model(void)
{
	const char *s = getenv("MODEL_STEPS"), *r = getenv("MODEL_SEED");
	pid_t pid[WORKERS];

	for (int me = 0; me < WORKERS; me++) {
		pid[me] = spawn();
		if (!pid[me]) {
			work(me, r ? strtoul(r, NULL, 10) : 1, s ? atol(s) : 400);
			_exit(0);
		}
	}
	for (int me = 0; me < WORKERS; me++)
		wait_ok(pid[me]);
}

const struct test model_tests[] = {
	{ "file-model", file_model, 6000 },
	{ NULL, NULL, 0 },
};
