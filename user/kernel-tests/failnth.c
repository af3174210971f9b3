/*
 * failnth.c - memory that is out at the worst moment: each call is made with its first, second, ... Nth
 * allocation failing, until it needs no more of them (/proc/thread-self/fail-nth, which the debug
 * kernel has; elsewhere these tests have nothing to do).
 *
 * A call that fails says so with an errno of its manual page and leaves things as they were: made again,
 * it succeeds. What the failures cost is compared with what the slab caches held before.
 */
#include "failnth.h"
#include "tests.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST	 5000 /* allocations of one call, at the very most */
#define IPC_RMID 0
#define SEM_UNDO 0x1000

int switch_fd = -1;

void set_nth(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(switch_fd, text, (size_t)len, 0) != len)
		fail("fail-nth: %m");
}

unsigned int get_nth(int fd)
{
	char text[16];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		fail("fail-nth: %m");
	text[n] = 0;
	return (unsigned int)strtol(text, NULL, 10);
}

int no_switch(void)
{
	if (switch_fd >= 0)
		close(switch_fd);
	switch_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (switch_fd < 0)
		CHECK(errno == ENOENT);
	return switch_fd < 0;
}

/* ---- one call --------------------------------------------------------------------------------- */

struct result {
	long got;
	int error;
	unsigned int left;
};
static volatile struct result *shared;
void *failnth_shared;

static struct result with_failure(const struct work *w, unsigned int n)
{
	struct result r;

	set_nth(n);
	r.got = w->call();
	r.error = errno;
	r.left = get_nth(switch_fd);
	set_nth(0);
	return r;
}

static struct result one_call(const struct work *w, unsigned int n)
{
	struct result r;
	pid_t pid;

	if (!w->in_child) {
		if (w->before)
			w->before();
		r = with_failure(w, n);
		if (w->undo && (r.got >= 0 || w->before))
			w->undo(r.got);
		return r;
	}
	pid = spawn();
	if (!pid) {
		CHECK(!no_switch());
		if (w->before)
			w->before();
		*shared = with_failure(w, n);
		_exit(0);
	}
	wait_ok(pid);
	return *shared;
}

static int says_no_memory(int error)
{
	return error == ENOMEM || error == EAGAIN || error == ENFILE || error == ENOBUFS ||
	       error == ENOSPC;
}

/* Did the Nth allocation fail? */
static int try(const struct work *w, unsigned int n)
{
	struct result r = one_call(w, n);

	if (r.got < 0 && r.left)
		fail("%s: %s without a failed allocation", w->name, strerror(r.error));
	if (r.got < 0 && !says_no_memory(r.error))
		fail("%s: %s when allocation %u failed", w->name, strerror(r.error), n);
	if (r.got < 0) {
		struct result again = one_call(w, 0);

		if (again.got < 0)
			fail("%s: %s after allocation %u failed", w->name, strerror(again.error),
			     n);
	}
	return !r.left;
}

static void try_all(const struct work *w)
{
	unsigned int n = 1;

	while (try(w, n))
		if (++n > MOST)
			fail("%s: allocates without end", w->name);
}

/* ---- what is held ------------------------------------------------------------------------------ */

#define CACHES 128

struct held {
	int n;
	struct {
		char name[24];
		long used;
	} cache[CACHES];
};

static void look(struct held *h)
{
	char *text = read_file("/proc/slabinfo");

	h->n = 0;
	for (char *line = strchr(strchr(text, '\n') + 1, '\n'); line && line[1] && h->n < CACHES;
	     line = strchr(line + 1, '\n')) {
		size_t len = strcspn(line + 1, " ");

		if (len >= sizeof(h->cache[0].name))
			len = sizeof(h->cache[0].name) - 1;
		memcpy(h->cache[h->n].name, line + 1, len);
		h->cache[h->n].name[len] = 0;
		h->cache[h->n++].used = strtol(line + 1 + len, NULL, 10);
	}
	free(text);
}

/* A cache that holds more than before, once everything has settled; -1: none. */
static int grown(const struct held *before)
{
	struct held now;
	int which = -1;

	for (int wait = 0; wait < 10; wait++) {
		look(&now);
		which = -1;
		for (int i = 0; i < before->n && which < 0; i++)
			if (now.cache[i].used > before->cache[i].used)
				which = i;
		if (which < 0)
			return -1;
		sleep_ms(20);
	}
	return which;
}

/* Each round may not hold more than the one before it; the machine is not quiet, so try again. */
static void without_loss(const struct work *w)
{
	struct held before;
	int which = -1;

	try_all(w);
	for (int round = 0; round < 6; round++) {
		look(&before);
		try_all(w);
		which = grown(&before);
		if (which < 0)
			return;
	}
	fail("%s: %s grows with each round of failures", w->name, before.cache[which].name);
}

static void try_family(const struct work *w)
{
	if (no_switch())
		return;
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	failnth_shared = (void *)shared;
	*shared = (struct result){ 0 };
	for (; w->name; w++)
		without_loss(w);
}

void failnth_close(long fd)
{
	close((int)fd);
}

static void of_tasks(void)
{
	try_family(failnth_tasks);
}

static void of_memory(void)
{
	try_family(failnth_memory);
}

static void of_files(void)
{
	try_family(failnth_files);
}

/* ---- IPC ----------------------------------------------------------------------------------------------- */

static long id;

static long call_msgget(void)
{
	return CALL(msgget, 0, 0600);
}

static void undo_msgget(long got)
{
	CHECK(!CALL(msgctl, got, IPC_RMID, NULL));
}

static void before_msgsnd(void)
{
	id = CALL(msgget, 0, 0600);
	CHECK(id >= 0);
}

static long call_msgsnd(void)
{
	static struct {
		long type;
		char text[6000];
	} m = { .type = 1 };

	return CALL(msgsnd, id, &m, sizeof(m.text), 0);
}

static void undo_msgsnd(long got)
{
	(void)got;
	undo_msgget(id);
}

static long call_semget(void)
{
	return CALL(semget, 0, 4, 0600);
}

static void undo_semget(long got)
{
	CHECK(!CALL(semctl, got, 0, IPC_RMID, 0));
}

static void before_semop(void)
{
	id = CALL(semget, 0, 4, 0600);
	CHECK(id >= 0);
}

static long call_semop(void)
{
	struct {
		unsigned short num;
		short op, flags;
	} op = { 1, 1, SEM_UNDO };

	return CALL(semop, id, &op, 1);
}

static void undo_semop(long got)
{
	(void)got;
	undo_semget(id);
}

static long call_shmget(void)
{
	return CALL(shmget, 0, 8 * PAGE, 0600);
}

static void undo_shmget(long got)
{
	CHECK(!CALL(shmctl, got, IPC_RMID, NULL));
}

static void before_shmat(void)
{
	id = CALL(shmget, 0, 8 * PAGE, 0600);
	CHECK(id >= 0);
}

static long call_shmat(void)
{
	return CALL(shmat, id, NULL, 0);
}

static void undo_shmat(long at)
{
	CHECK(at < 0 || !CALL(shmdt, at));
	undo_shmget(id);
}

static long call_mq_open(void)
{
	return CALL(mq_open, "fail-nth", O_RDWR | O_CREAT, 0600, NULL);
}

static void undo_mq_open(long fd)
{
	close((int)fd);
	CHECK(!CALL(mq_unlink, "fail-nth"));
}

static const struct work ipc[] = {
	{ "msgget", call_msgget, undo_msgget, NULL, 0 },
	{ "msgsnd", call_msgsnd, undo_msgsnd, before_msgsnd, 0 },
	{ "semget", call_semget, undo_semget, NULL, 0 },
	{ "semop", call_semop, undo_semop, before_semop, 0 },
	{ "shmget", call_shmget, undo_shmget, NULL, 0 },
	{ "shmat", call_shmat, undo_shmat, before_shmat, 0 },
	{ "mq_open", call_mq_open, undo_mq_open, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

static void of_ipc(void)
{
	try_family(ipc);
}

static void of_network(void)
{
	try_family(failnth_network);
}

/* ---- all of it, at random ------------------------------------------------------------------------------- */

#define PICKS 400

static const struct work *const families[] = { failnth_tasks, failnth_memory, failnth_files, ipc,
					       failnth_network };

static void at_random(void)
{
	unsigned int seed = 20;

	if (no_switch())
		return;
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	failnth_shared = (void *)shared;
	for (int i = 0; i < PICKS; i++) {
		const struct work *w = families[rand_r(&seed) % 5];
		unsigned int n = 0;

		while (w[n].name)
			n++;
		try(&w[(unsigned int)rand_r(&seed) % n], (unsigned int)rand_r(&seed) % 40 + 1);
	}
}

const struct test failnth_tests[] = {
	{ "fail-nth-tasks", of_tasks, 120 },
	{ "fail-nth-memory", of_memory, 120 },
	{ "fail-nth-files", of_files, 120 },
	{ "fail-nth-ipc", of_ipc, 120 },
	{ "fail-nth-network", of_network, 120 },
	{ "fail-nth-at-random", at_random, 120 },
	{ NULL, NULL, 0 },
};
