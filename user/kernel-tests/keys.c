/*
 * keys.c - keyrings and userfaultfd(2), by many at a time.
 *
 * Keys are linked, found, revoked and taken away while others hold them. Pages are filled while their
 * areas are registered anew and emptied: no thread may sleep for ever. Leaks show as usertests' own
 * count of free memory.
 */
#include "tests.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <uapi/keyctl.h>
#include <uapi/userfaultfd.h>
#include <unistd.h>

#define PAGE 4096ul

/* ---- keyrings --------------------------------------------------------------------------------- */

#define KEY_WORKERS 4
#define KEY_STEPS   300

static long keyctl(int op, long a, long b, long c)
{
	return syscall(__NR_keyctl, op, a, b, c, 0);
}

static long add(const char *type, const char *name, size_t n, long ring)
{
	return syscall(__NR_add_key, type, name, n ? "payload" : NULL, n, ring);
}

/* Any of it may fail: another may have been faster. */
static void juggle(unsigned seed)
{
	const int session = KEY_SPEC_SESSION_KEYRING;
	char name[16];

	for (int i = 0; i < KEY_STEPS; i++) {
		long key, ring;

		seed = seed * 1103515245 + 12345;
		snprintf(name, sizeof(name), "k%u", seed >> 16 & 3);
		key = add("user", name, 7, session);
		ring = add("keyring", name, 0, session);
		switch (seed >> 20 & 7) {
		case 0:
			keyctl(KEYCTL_REVOKE, key, 0, 0);
			break;
		case 1:
			keyctl(KEYCTL_INVALIDATE, ring, 0, 0);
			break;
		case 2:
			keyctl(KEYCTL_CLEAR, session, 0, 0);
			break;
		case 3:
			keyctl(KEYCTL_LINK, session, ring, 0);
			keyctl(KEYCTL_LINK, ring, ring, 0);
			break;
		case 4:
			keyctl(KEYCTL_MOVE, key, session, ring);
			break;
		case 5:
			syscall(__NR_request_key, "user", name, "make it", KEY_SPEC_THREAD_KEYRING);
			break;
		case 6:
			if (!fork())
				_exit(keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1, 0) <
				      0);
			wait(NULL);
			break;
		default:
			keyctl(KEYCTL_UNLINK, ring, session, 0);
			break;
		}
		CHECK(keyctl(KEYCTL_READ, session, 0, 0) >= 0);
	}
}

static void keys_race(void)
{
	pid_t pids[KEY_WORKERS];

	CHECK(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0) > 0);
	for (unsigned i = 0; i < KEY_WORKERS; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			juggle(i + 1);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < KEY_WORKERS; i++)
		wait_ok(pids[i]);
	CHECK(!keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING, 0, 0));
}

/* ---- userfaultfd ------------------------------------------------------------------------------ */

#define FAULTERS 3
#define PAGES	 32ul
#define ROUNDS	 30

static int uffd;
static char *place;
static int stop; /* atomic */

static int toucher(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		unsigned long *p;

		seed = seed * 1103515245 + 12345;
		p = (unsigned long *)(place + (seed >> 16) % PAGES * PAGE);
		__atomic_load_n(p, __ATOMIC_RELAXED);
	}
	return 0;
}

static void set_registered(int on)
{
	struct uffdio_register r = { { (uint64_t)place, PAGES * PAGE },
				     UFFDIO_REGISTER_MODE_MISSING,
				     0 };

	if (on)
		ioctl(uffd, UFFDIO_REGISTER, &r);
	else
		ioctl(uffd, UFFDIO_UNREGISTER, &r.range);
}

static int filler(void *arg)
{
	static unsigned long page[512];
	struct uffd_msg m;

	(void)arg;
	for (int i = 0; i < 512; i++)
		page[i] = 0x5151;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct uffdio_copy c = { 0, (uint64_t)page, PAGE, 0, 0 };

		if (read(uffd, &m, sizeof(m)) != sizeof(m)) {
			syscall(__NR_sched_yield);
			continue;
		}
		c.dst = m.arg.pagefault.address;
		ioctl(uffd, UFFDIO_COPY, &c);
	}
	return 0;
}

static void uffd_race(void)
{
	struct uffdio_api api = { UFFD_API, 0, 0 };
	struct thread touchers[FAULTERS], fills;

	stop = 0;
	uffd = (int)syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	CHECK(uffd >= 0 && !ioctl(uffd, UFFDIO_API, &api));
	place = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	CHECK(place != MAP_FAILED);
	set_registered(1);
	thread_start(&fills, filler, NULL);
	for (uintptr_t i = 0; i < FAULTERS; i++)
		thread_start(&touchers[i], toucher, (void *)(i + 1));
	for (int i = 0; i < ROUNDS; i++) {
		madvise(place, PAGES * PAGE, MADV_DONTNEED);
		if (i % 3 == 0)
			set_registered(0);
		sleep_ms(2);
		set_registered(1);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	CHECK(!close(uffd)); /* wakes whoever waits for a page still */
	for (unsigned i = 0; i < FAULTERS; i++)
		thread_join(&touchers[i]);
	thread_join(&fills);
	CHECK(!munmap(place, PAGES * PAGE));
}

const struct test key_tests[] = {
	{ .name = "keys-race", .run = keys_race },
	{ .name = "userfault-race", .run = uffd_race },
	{ .name = NULL },
};
