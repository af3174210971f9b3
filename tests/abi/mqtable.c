/* mq_open(2) and its family by table: names, flags, attributes, priorities, times and places, right and wrong. */
#include "table.h"
#include <mqueue.h>
#include <sys/socket.h>

static const struct {
	const char *name;
	struct mq_attr attr;
} attrs[] = {
	{ "none", { 0, 0, 0, 0, { 0 } } },
	{ "2x8", { 0, 2, 8, 0, { 0 } } },
	{ "flags", { O_NONBLOCK | 12345, 2, 8, 7, { 0 } } },
	{ "0 messages", { 0, 0, 8, 0, { 0 } } },
	{ "0 bytes", { 0, 2, 0, 0, { 0 } } },
	{ "-1 messages", { 0, -1, 8, 0, { 0 } } },
	{ "-1 bytes", { 0, 2, -1, 0, { 0 } } },
	{ "1<<20 messages", { 0, 1 << 20, 8, 0, { 0 } } },
	{ "1<<24 bytes", { 0, 2, 1 << 24, 0, { 0 } } },
	{ "1<<40 bytes", { 0, 2, 1L << 40, 0, { 0 } } },
	{ "65536x16M", { 0, 65536, 1 << 24, 0, { 0 } } },
	{ "bad", { 0, 0, 0, 0, { 0 } } },
};

static const struct mq_attr *attr_of(size_t i)
{
	return i == 0 ? NULL : i == ARRAY_SIZE(attrs) - 1 ? (void *)8 : &attrs[i].attr;
}

static long mq(const char *name, int flags, mode_t mode, const struct mq_attr *a)
{
	return syscall(SYS_mq_open, name, flags, mode, a);
}

static void opens(void)
{
	static char longest[256], longer[257], path[4097];
	static const struct {
		const char *name, *text;
	} names[] = { { "q", "q" },   { "there", "there" }, { "empty", "" },	{ "slash", "/q" },     { "inner", "a/b" },
		      { "dot", "." }, { "dots", ".." },	    { "255", longest }, { "256", longer }, { "4096", path },
		      { "null", NULL } };
	static const int flags[] = { O_RDONLY, O_CREAT | O_RDWR, O_CREAT | O_EXCL | O_WRONLY, O_CREAT | 3, 3,
				     O_CREAT | O_RDONLY | O_DIRECTORY | O_TRUNC | O_APPEND, O_RDWR | O_PATH };

	memset(longest, 'x', 255);
	memset(longer, 'x', 256);
	memset(path, 'x', 4096);
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
			word("open %s %#o:", names[n].name, flags[f]);
			for (size_t a = 0; a < ARRAY_SIZE(attrs); a++) {
				struct mq_attr got;
				long fd;

				close(MUST(mq("there", O_CREAT | O_RDWR, 0600, &attrs[1].attr)));
				fd = mq(names[n].text, flags[f], 0640, attr_of(a));
				word(" %s", fd < 0 ? ename(errno) + 1 : "ok");
				if (fd >= 0) {
					if (syscall(SYS_mq_getsetattr, fd, NULL, &got))
						word("(%s)", ename(errno) + 1);
					else
						word("(%lx,%ldx%ld,%x)", got.mq_flags, got.mq_maxmsg, got.mq_msgsize,
						     fcntl(fd, F_GETFL));
					close(fd);
				}
				if (names[n].text)
					syscall(SYS_mq_unlink, names[n].text);
			}
			end_line();
		}
		word("unlink %s: %s", names[n].name, outcome(syscall(SYS_mq_unlink, names[n].text)));
		end_line();
	}
	word("unlink bad: %s", outcome(syscall(SYS_mq_unlink, 8)));
	end_line();
}

static const struct timespec past = { 0, 0 }, negative = { -1, 0 }, large = { 0, 1000000000 };

static const void *const times[] = { NULL, &past, &negative, &large, (void *)8 };

/* Of a queue of two messages of eight bytes, with none, one and two in it; it never blocks. */
static void messages(void)
{
	static const long sizes[] = { 0, 1, 8, 9, -1, 1L << 40 };
	static const unsigned prios[] = { 0, 32767, 32768, -1 };
	char buf[64];
	unsigned prio;
	int plain = MUST(open("plain", O_CREAT | O_RDWR, 0600));

	for (int full = 0; full < 3; full++) {
		static const char *const kinds[] = { "rw", "ro", "wo", "file", "closed" };
		long own = MUST(mq("m", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attrs[1].attr));
		long fds[] = { own, MUST(mq("m", O_RDONLY | O_NONBLOCK, 0, NULL)), MUST(mq("m", O_WRONLY | O_NONBLOCK, 0, NULL)),
			       plain, 99 };
		int blocks = MUST(mq("m", O_RDWR, 0, NULL));

		for (int i = 0; i < full; i++)
			MUST(syscall(SYS_mq_timedsend, own, "first", 5, 3, NULL));
		for (size_t f = 0; f < ARRAY_SIZE(fds); f++) {
			word("%d there, %s: send", full, kinds[f]);
			for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
				long r = syscall(SYS_mq_timedsend, fds[f], "message ", sizes[s], 9, NULL);

				word(" %s", outcome(r));
				if (!r)
					syscall(SYS_mq_timedreceive, own, buf, 64, NULL, NULL);
			}
			word(" prio");
			for (size_t p = 0; p < ARRAY_SIZE(prios); p++) {
				long r = syscall(SYS_mq_timedsend, fds[f], "message ", 3, prios[p], NULL);

				word(" %s", outcome(r));
				if (!r && prios[p])
					syscall(SYS_mq_timedreceive, own, buf, 64, NULL, NULL);
				else if (!r)
					for (int i = 0; i <= full; i++) {
						long n = syscall(SYS_mq_timedreceive, own, buf, 64, &prio, NULL);

						if (prio)
							syscall(SYS_mq_timedsend, own, buf, n, prio, NULL);
					}
			}
			word(" place %s/%s", outcome(syscall(SYS_mq_timedsend, fds[f], 8, 3, 9, NULL)),
			     outcome(syscall(SYS_mq_timedsend, fds[f], 8, 0, 9, NULL)));
			end_line();
			/* afresh */
			while (syscall(SYS_mq_timedreceive, own, buf, 64, NULL, NULL) >= 0)
				;
			for (int i = 0; i < full; i++)
				MUST(syscall(SYS_mq_timedsend, own, "first", 5, 3, NULL));
			word("  receive");
			for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
				long r = syscall(SYS_mq_timedreceive, fds[f], buf, sizes[s], &prio, NULL);

				word(" %s", outcome(r));
				if (r > 0)
					syscall(SYS_mq_timedsend, own, buf, r, prio, NULL);
			}
			word(" place %s/%s", outcome(syscall(SYS_mq_timedreceive, fds[f], 8, 64, &prio, NULL)),
			     outcome(syscall(SYS_mq_timedreceive, fds[f], buf, 64, 8, NULL)));
			while (syscall(SYS_mq_timedreceive, own, buf, 64, NULL, NULL) >= 0)
				;
			for (int i = 0; i < full; i++)
				MUST(syscall(SYS_mq_timedsend, own, "first", 5, 3, NULL));
			end_line();
		}
		word("%d there, waits:", full);
		for (size_t t = full == 2 || full == 0 ? 1 : 0; t < ARRAY_SIZE(times); t++) {
			long r = syscall(SYS_mq_timedsend, blocks, "x", 1, 9, times[t]);

			word(" %s", outcome(r));
			if (!r)
				syscall(SYS_mq_timedreceive, own, buf, 64, NULL, NULL);
			r = syscall(SYS_mq_timedreceive, blocks, buf, 64, NULL, times[t]);
			word("/%s", outcome(r));
			if (r >= 0)
				MUST(syscall(SYS_mq_timedsend, own, "first", 5, 3, NULL));
			word("/%s", outcome(syscall(SYS_mq_timedreceive, blocks, buf, 3, NULL, times[t])));
			word("/%s", outcome(syscall(SYS_mq_timedsend, blocks, buf, 9, 0, times[t])));
			word("/%s", outcome(syscall(SYS_mq_timedsend, 99, buf, 9, 0, times[t])));
		}
		end_line();
		for (size_t f = 0; f < 3; f++)
			close(fds[f]);
		close(blocks);
		syscall(SYS_mq_unlink, "m");
	}
}

static void notices(void)
{
	static const int kinds[] = { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID, 3, 5, -1 };
	static const int signals[] = { SIGUSR1, 0, 64, 65, -1 };
	int q = MUST(mq("n", O_CREAT | O_RDWR, 0600, NULL)), ro = MUST(mq("n", O_RDONLY, 0, NULL)),
	    plain = MUST(open("plain", O_RDWR)), s[2], nl = socket(AF_NETLINK, SOCK_RAW, 0);
	int fds[] = { q, ro, plain, 99 };
	char cookie[32] = "cookie";

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	for (size_t f = 0; f < ARRAY_SIZE(fds); f++) {
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			struct sigevent ev = { 0 };

			word("notify %zu, %d:", f, kinds[k]);
			ev.sigev_notify = kinds[k];
			for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
				ev.sigev_signo = signals[i];
				ev.sigev_value.sival_ptr = cookie;
				if (kinds[k] == SIGEV_THREAD)
					ev.sigev_signo = (int[]){ nl, s[0], plain, 99, q }[i];
				word(" %s", outcome(syscall(SYS_mq_notify, fds[f], &ev)));
				word("/%s", outcome(syscall(SYS_mq_notify, fds[f], &ev)));
				word("/%s", outcome(syscall(SYS_mq_notify, fds[f], NULL)));
				word("/%s", outcome(syscall(SYS_mq_notify, fds[f], NULL)));
			}
			ev.sigev_value.sival_ptr = (void *)8;
			ev.sigev_signo = nl;
			word(" cookie %s place %s", outcome(syscall(SYS_mq_notify, fds[f], &ev)),
			     outcome(syscall(SYS_mq_notify, fds[f], 8)));
			syscall(SYS_mq_notify, q, NULL);
			end_line();
		}
	}
	for (size_t f = 0; f < ARRAY_SIZE(fds); f++) {
		static const long flags[] = { 0, O_NONBLOCK, O_APPEND, -1, 1L << 32 };
		struct mq_attr a = { 0 }, old;

		word("attr %zu:", f);
		for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
			a.mq_flags = flags[i];
			a.mq_maxmsg = 99;
			memset(&old, 0x55, sizeof(old));
			word(" %s", outcome(syscall(SYS_mq_getsetattr, fds[f], &a, &old)));
			if (f < 2)
				word("(%lx %ld)", old.mq_flags, old.mq_maxmsg);
		}
		word(" %s %s %s", outcome(syscall(SYS_mq_getsetattr, fds[f], 8, &old)),
		     outcome(syscall(SYS_mq_getsetattr, fds[f], NULL, 8)), outcome(syscall(SYS_mq_getsetattr, fds[f], NULL, NULL)));
		end_line();
	}
}

int main(void)
{
	opens();
	messages();
	notices();
	syscall(SYS_mq_unlink, "there");
	syscall(SYS_mq_unlink, "n");
	return 0;
}
