/*
 * Asynchronous I/O: io_setup(2), io_submit(2), io_getevents(2), io_pgetevents(2), io_cancel(2),
 * io_destroy(2), the ring that programs read themselves, eventfd(2) as a bell, /proc/sys/fs/aio-nr.
 */
#include "abi.h"
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/eventfd.h>

#define SYS(name, ...) syscall(SYS_##name, __VA_ARGS__)

struct ring {
	unsigned id, nr, head, tail, magic, compat, incompat, length;
	struct io_event events[];
};
static aio_context_t ctx;
static char buf[4096];

static struct iocb *one(int op, int fd, void *at, size_t n, long long off)
{
	static struct iocb cb[20];
	static int next;
	struct iocb *c = &cb[next++ % 20];

	memset(c, 0, sizeof(*c));
	c->aio_data = next;
	c->aio_key = 77;
	c->aio_fildes = fd;
	c->aio_lio_opcode = op;
	c->aio_buf = (uintptr_t)at;
	c->aio_nbytes = n;
	c->aio_offset = off;
	return c;
}

static long submit(struct iocb *c)
{
	return SYS(io_submit, ctx, 1, &c);
}

static void events(long min, long nr, long ms)
{
	struct io_event ev[10];
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };
	long n = SYS(io_getevents, ctx, min, nr, ev, ms < 0 ? NULL : &ts);

	if (n < 0)
		say("  events: %s\n", ename(errno));
	else
		say("  events: %ld\n", n);
	for (long i = 0; i < n; i++) {
		struct iocb *c = (struct iocb *)(uintptr_t)ev[i].obj;

		say("    op %d data %s res %s res2 %lld\n", c->aio_lio_opcode,
		    ev[i].data == c->aio_data ? "its own" : "another's",
		    ev[i].res < 0 ? ename(-ev[i].res) : "ok", (long long)ev[i].res2);
		if (ev[i].res >= 0)
			say("    %lld\n", (long long)ev[i].res);
	}
}

static void setup(void)
{
	aio_context_t other = 0;

	R(SYS(io_setup, 1, NULL));
	other = 1;
	R(SYS(io_setup, 1, &other));
	other = 0;
	R(SYS(io_setup, 0, &other));
	R(SYS(io_setup, -1, &other));
	R(SYS(io_setup, 70000, &other));
	R(SYS(io_setup, 10, &other));
	struct ring *r = (struct ring *)other;
	say("ring id %u enough %d head %u tail %u magic %x compat %u incompat %u length %u\n", r->id,
	    r->nr >= 10, r->head, r->tail, r->magic, r->compat, r->incompat, r->length);
	R(SYS(io_destroy, other));
	R(SYS(io_destroy, other));
	R(SYS(io_destroy, 0));
	R(access("/proc/sys/fs/aio-nr", R_OK));
}

static void files(void)
{
	struct iovec v[2] = { { buf, 3 }, { buf + 10, 3 } };
	int fd = MUST(open("f", O_CREAT | O_RDWR | O_TRUNC, 0644));
	int ro = MUST(open("f", O_RDONLY)), wo = MUST(open("f", O_WRONLY));
	struct iocb *c, *many[3];

	MUST(SYS(io_setup, 8, &ctx));
	c = one(IOCB_CMD_PWRITE, fd, "hello, world", 12, 5);
	R(submit(c));
	say("key %u\n", c->aio_key);
	events(1, 10, -1);
	R(submit(one(IOCB_CMD_PREAD, fd, buf, 100, 5)));
	events(1, 10, 0);
	say("read %.12s\n", buf);
	R(submit(one(IOCB_CMD_PREADV, fd, v, 2, 7)));
	R(submit(one(IOCB_CMD_PWRITEV, fd, v, 2, 0)));
	R(submit(one(IOCB_CMD_FSYNC, fd, NULL, 0, 0)));
	R(submit(one(IOCB_CMD_FDSYNC, fd, NULL, 0, 0)));
	events(4, 10, -1);
	many[0] = one(IOCB_CMD_PREAD, fd, buf, 1, 0);
	many[1] = one(IOCB_CMD_PREAD, ro, buf, 1, 0);
	many[2] = one(IOCB_CMD_PREAD, wo, buf, 1, 0);
	R(SYS(io_submit, ctx, 3, many));
	events(2, 2, -1);
	R(SYS(io_submit, ctx, 0, many));
	R(SYS(io_submit, ctx, -1, many));
	R(SYS(io_submit, 0, 1, many));
	R(SYS(io_submit, ctx, 1, NULL));
	many[0] = NULL;
	R(SYS(io_submit, ctx, 1, many));
	R(submit(one(IOCB_CMD_PREAD, -1, buf, 1, 0)));
	R(submit(one(IOCB_CMD_PREAD, wo, buf, 1, 0)));
	R(submit(one(IOCB_CMD_PWRITE, ro, buf, 1, 0)));
	R(submit(one(IOCB_CMD_PREAD, fd, buf, 1, -1)));
	R(submit(one(IOCB_CMD_PREAD, fd, buf, -1, 0)));
	R(submit(one(IOCB_CMD_PREADV, fd, (void *)1, 1, 0)));
	R(submit(one(IOCB_CMD_NOOP, fd, NULL, 0, 0)));
	R(submit(one(4, fd, NULL, 0, 0)));
	R(submit(one(99, fd, NULL, 0, 0)));
	R(submit(one(IOCB_CMD_FSYNC, fd, buf, 0, 0)));
	c = one(IOCB_CMD_PREAD, fd, buf, 1, 0);
	c->aio_reserved2 = 1;
	R(submit(c));
	c = one(IOCB_CMD_PREAD, fd, buf, 1, 0);
	c->aio_rw_flags = 0x40000000;
	R(submit(c));
	c = one(IOCB_CMD_PWRITE, fd, "end", 3, 0);
	c->aio_rw_flags = 0x10; /* RWF_APPEND */
	R(submit(c));
	R(submit(one(IOCB_CMD_PREAD, fd, (void *)1, 4, 0)));
	events(2, 2, -1);
	say("size %ld\n", (long)lseek(fd, 0, SEEK_END));
	R(SYS(io_getevents, ctx, 2, 1, NULL, NULL));
	R(SYS(io_getevents, ctx, -1, 1, NULL, NULL));
	R(SYS(io_getevents, 0, 0, 0, NULL, NULL));
	events(0, 5, -1);
	events(1, 5, 10);
	R(submit(one(IOCB_CMD_PREAD, fd, buf, 1, 0)));
	R(SYS(io_getevents, ctx, 1, 1, (void *)1, NULL));
	struct ring *r = (struct ring *)ctx;
	say("in the ring: %d\n", (r->tail - r->head + r->nr) % r->nr);
	r->head = r->tail;
	events(0, 5, 0);
	MUST(SYS(io_destroy, ctx));
}

static void full(void)
{
	int fd = MUST(open("f", O_RDWR)), n = 0;
	struct iocb *c;

	ctx = 0;
	MUST(SYS(io_setup, 1, &ctx));
	struct ring *r = (struct ring *)ctx;
	while (submit(one(IOCB_CMD_PREAD, fd, buf, 1, 0)) == 1 && n < 10000)
		n++;
	say("full: %s, all told %d\n", ename(errno), n <= (int)r->nr && n > 10);
	events(1, 1, 0);
	c = one(IOCB_CMD_PREAD, fd, buf, 1, 0);
	r->head = 123456789;
	submit(c);
	r->head = 0;
	MUST(SYS(io_destroy, ctx));
}

static void polls(void)
{
	int p[2], bell = MUST(eventfd(0, EFD_NONBLOCK)), f = MUST(open("f", O_RDWR));
	struct pollfd pfd = { bell, POLLIN, 0 };
	struct io_event ev;
	struct iocb *c;
	uint64_t count;

	ctx = 0;
	MUST(SYS(io_setup, 8, &ctx));
	MUST(pipe(p));
	c = one(IOCB_CMD_POLL, p[0], (void *)POLLIN, 0, 0);
	c->aio_flags = IOCB_FLAG_RESFD;
	c->aio_resfd = bell;
	R(submit(c));
	events(0, 1, 0);
	write(p[1], "x", 1);
	events(1, 1, -1);
	R(poll(&pfd, 1, -1));
	R(read(bell, &count, 8));
	say("rung %lu\n", (long)count);
	R(submit(one(IOCB_CMD_POLL, p[0], (void *)POLLIN, 0, 0)));
	events(1, 1, -1);
	read(p[0], buf, 1);
	c = one(IOCB_CMD_POLL, p[0], (void *)POLLIN, 0, 0);
	R(submit(c));
	R(SYS(io_cancel, ctx, c, &ev));
	events(1, 1, -1);
	R(SYS(io_cancel, ctx, c, &ev));
	R(SYS(io_cancel, ctx, NULL, &ev));
	R(SYS(io_cancel, 0, c, &ev));
	R(submit(one(IOCB_CMD_POLL, p[0], (void *)POLLIN, 1, 0)));
	R(submit(one(IOCB_CMD_POLL, p[0], (void *)0x10000, 0, 0)));
	c = one(IOCB_CMD_PREAD, f, buf, 1, 0);
	c->aio_flags = IOCB_FLAG_RESFD;
	c->aio_resfd = 99;
	R(submit(c));
	c->aio_resfd = f;
	R(submit(c));
	c->aio_resfd = bell;
	R(submit(c));
	R(read(bell, &count, 8));
	events(1, 1, -1);
	/* What hangs up. */
	R(submit(one(IOCB_CMD_POLL, p[0], (void *)0, 0, 0)));
	close(p[1]);
	events(1, 1, -1);
	close(p[0]);
	MUST(pipe(p));
	c = one(IOCB_CMD_PREAD, p[0], buf, 10, 0);
	c->aio_rw_flags = 8; /* RWF_NOWAIT */
	R(submit(c));
	events(1, 1, -1);
	write(p[1], "piped", 5);
	R(submit(c));
	events(1, 1, -1);
	/* One that is left when all ends. */
	R(submit(one(IOCB_CMD_POLL, p[0], (void *)POLLIN, 0, 0)));
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void interrupted(void)
{
	struct itimerval it = { .it_value = { 0, 30000 } };
	sigset_t set;
	struct {
		const sigset_t *set;
		size_t size;
	} arg = { &set, 8 };
	struct io_event ev;
	struct timespec ts = { 0, 20000000 };

	ctx = 0;
	MUST(SYS(io_setup, 8, &ctx));
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &it, NULL);
	R(SYS(io_getevents, ctx, 1, 1, &ev, NULL));
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	raise(0);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	raise(SIGALRM);
	R(SYS(io_pgetevents, ctx, 1, 1, &ev, &ts, &arg));
	sigemptyset(&set);
	R(SYS(io_pgetevents, ctx, 1, 1, &ev, NULL, &arg));
	arg.size = 7;
	R(SYS(io_pgetevents, ctx, 1, 1, &ev, NULL, &arg));
	R(SYS(io_pgetevents, ctx, 0, 1, &ev, NULL, NULL));
	/* A child has the memory, not the context. */
	if (!fork()) {
		R(SYS(io_getevents, ctx, 0, 1, &ev, NULL));
		say("magic %x\n", ((struct ring *)ctx)->magic);
		_exit(0);
	}
	wait(NULL);
}

int main(void)
{
	SECTION("contexts");
	in_child("setup", setup);
	SECTION("files");
	in_child("files", files);
	in_child("full", full);
	SECTION("readiness");
	in_child("polls", polls);
	SECTION("signals");
	in_child("interrupted", interrupted);
	return 0;
}
