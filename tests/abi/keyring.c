/* Keys and keyrings: add_key(2), request_key(2), keyctl(2), keyrings(7). */
#include "abi.h"
#include <grp.h>
#include <linux/keyctl.h>

#define add(type, desc, p, n, ring) syscall(SYS_add_key, type, desc, p, (size_t)(n), ring)
#define request(type, desc, info, ring) syscall(SYS_request_key, type, desc, info, ring)
#define ctl(op, ...) syscall(SYS_keyctl, KEYCTL_##op, ##__VA_ARGS__)

enum { THREAD = -1, PROCESS = -2, SESSION = -3, USER = -4, USER_SESSION = -5 };

/* A serial differs from run to run: only whether there is one. */
#define K(call)                                                                \
	({                                                                     \
		long k_ = (errno = 0, (long)(call));                           \
		say("%s: %s\n", #call, k_ > 0 ? "a key" : k_ ? ename(errno) : "0"); \
		k_;                                                            \
	})

static void describe(const char *what, int id)
{
	char b[200] = "";
	long n = ctl(DESCRIBE, id, b, sizeof(b));

	say("%s: %s, %ld\n", what, n < 0 ? ename(errno) : b, n);
}

static void show(int id)
{
	char b[100];
	long n = ctl(READ, id, b, sizeof(b));

	if (n < 0)
		say("read: %s\n", ename(errno));
	else
		say("read: %ld '%.*s'\n", n, (int)n, b);
}

static long count(int ring)
{
	long n = ctl(READ, ring, NULL, 0);

	return n < 0 ? -errno : n / 4;
}

static void types(void)
{
	static char big[40000];

	SECTION("types and payloads");
	K(add("user", "a", "x", 1, THREAD));
	K(add("user", "a", NULL, 0, THREAD));
	K(add("user", "a", NULL, 1, THREAD));
	K(add("user", "big", big, 32767, THREAD));
	K(add("user", "big", big, 32768, THREAD));
	K(add("user", "", "x", 1, THREAD));
	K(add("user", NULL, "x", 1, THREAD));
	K(add("logon", "nocolon", "x", 1, THREAD));
	K(add("logon", ":x", "x", 1, THREAD));
	K(add("logon", "s:x", "x", 1, THREAD));
	K(add("keyring", "r", NULL, 0, THREAD));
	K(add("keyring", "r", "x", 1, THREAD));
	K(add("keyring", ".r", NULL, 0, THREAD));
	K(add("none", "a", "x", 1, THREAD));
	K(add(".dot", "a", "x", 1, THREAD));
	K(add("", "a", "x", 1, THREAD));
	K(add("a-type-whose-name-is-thirty-two-b", "a", "x", 1, THREAD));
	K(add((char *)8, "a", "x", 1, THREAD));
	K(add("user", (char *)8, "x", 1, THREAD));
	K(add("user", "a", (char *)8, 1, THREAD));
	K(add("user", "a", big, 1 << 20, THREAD));
	K(add("user", "a", "x", 1, 0));
	K(add("user", "a", "x", 1, -6));
	K(add("user", "a", "x", 1, -7));
	K(add("user", "a", "x", 1, -9));
	K(add("user", "a", "x", 1, 0x7ffffff0));
	say("%ld keys\n", count(THREAD));
}

static void one_key(void)
{
	long k, again, logon;
	char b[20];

	SECTION("one key");
	k = K(add("user", "mine", "hello", 5, PROCESS));
	describe("user", k);
	show(k);
	R(ctl(READ, k, b, 2));
	R(ctl(READ, k, NULL, 0));
	R(ctl(READ, k, 8, 100));
	R(ctl(READ, 0x7ffffff0, b, 2));
	R(ctl(DESCRIBE, k, b, 3));
	R(ctl(GET_SECURITY, k, b, 20));
	again = add("user", "mine", "other", 5, PROCESS);
	say("updated in place: %d\n", again == k);
	show(k);
	R(ctl(UPDATE, k, "third text", 10));
	show(k);
	R(ctl(UPDATE, k, NULL, 0));
	R(ctl(UPDATE, PROCESS, "x", 1));
	R(ctl(UPDATE, k, "x", 5000));
	logon = add("logon", "a:b", "secret", 6, PROCESS);
	show(logon);
	describe("logon", logon);
	R(ctl(SETPERM, k, 0x3f3f0000));
	R(ctl(SETPERM, k, 0x40000000));
	describe("perm", k);
	R(ctl(CHOWN, k, -1, -1));
	R(ctl(CHOWN, k, -1, 5));
	describe("group", k);
	R(ctl(SET_TIMEOUT, k, 1000));
	R(ctl(SET_TIMEOUT, k, 0));
	R(ctl(REVOKE, k));
	show(k);
	describe("revoked", k);
	R(ctl(UPDATE, k, "x", 1));
	R(ctl(REVOKE, k));
	k = K(add("user", "mine", "new", 3, PROCESS));
	R(ctl(INVALIDATE, k));
	describe("invalid", k);
	k = K(add("user", "short", "new", 3, PROCESS));
	R(ctl(SET_TIMEOUT, k, 1));
	usleep(2100000);
	show(k);
	describe("expired", k);
	R(request("user", "short", NULL, 0));
	R(ctl(REVOKE, 0x7ffffff0));
	R(ctl(REVOKE, -20));
}

static void rings(void)
{
	long a, b, c, k, found;

	SECTION("rings");
	a = K(add("keyring", "a", NULL, 0, PROCESS));
	describe("ring", a);
	b = K(add("keyring", "b", NULL, 0, a));
	c = K(add("keyring", "c", NULL, 0, b));
	k = K(add("user", "deep", "x", 1, c));
	found = ctl(SEARCH, a, "user", "deep", 0);
	say("found: %d\n", found == k);
	found = request("user", "deep", NULL, 0);
	say("requested: %d\n", found == k);
	R(ctl(SEARCH, a, "user", "nothing", 0));
	R(ctl(SEARCH, a, "none", "deep", 0));
	R(ctl(SEARCH, k, "user", "deep", 0));
	say("into another: %d\n", ctl(SEARCH, a, "user", "deep", a) == k);
	say("%ld %ld %ld\n", count(a), count(b), count(c));
	R(ctl(LINK, a, c));
	R(ctl(LINK, a, a));
	R(ctl(LINK, k, k));
	R(ctl(LINK, k, b));
	R(ctl(LINK, k, b));
	R(ctl(UNLINK, k, a));
	R(ctl(UNLINK, k, a));
	R(ctl(UNLINK, k, k));
	R(ctl(MOVE, k, b, a, 0));
	R(ctl(MOVE, k, b, a, 0));
	R(ctl(MOVE, k, a, c, KEYCTL_MOVE_EXCL));
	R(ctl(MOVE, k, a, c, 2));
	R(ctl(MOVE, k, a, a, 0));
	say("%ld %ld %ld\n", count(a), count(b), count(c));
	R(ctl(RESTRICT_KEYRING, a, NULL, "x"));
	R(ctl(RESTRICT_KEYRING, a, "user", NULL));
	R(ctl(RESTRICT_KEYRING, b, NULL, NULL));
	R(ctl(RESTRICT_KEYRING, b, NULL, NULL));
	R(ctl(RESTRICT_KEYRING, k, NULL, NULL));
	R(ctl(LINK, k, b));
	R(ctl(LINK, k, PROCESS));
	R(ctl(CLEAR, a));
	R(ctl(CLEAR, k));
	say("%ld\n", count(a));
	K(add("keyring", "twice", NULL, 0, a));
	K(add("keyring", "twice", NULL, 0, a));
	say("%ld\n", count(a));
	R(ctl(REVOKE, a));
	R(ctl(LINK, k, a));
	R(ctl(CLEAR, a));
}

static void special(void)
{
	long old, now;
	int status;

	SECTION("what a process has");
	K(ctl(GET_KEYRING_ID, THREAD, 0));
	K(ctl(GET_KEYRING_ID, PROCESS, 0));
	K(ctl(GET_KEYRING_ID, THREAD, 1));
	K(ctl(GET_KEYRING_ID, PROCESS, 1));
	K(ctl(GET_KEYRING_ID, USER, 0));
	K(ctl(GET_KEYRING_ID, USER_SESSION, 0));
	K(ctl(GET_KEYRING_ID, -6, 0));
	K(ctl(GET_KEYRING_ID, -7, 0));
	K(ctl(GET_KEYRING_ID, -8, 0));
	K(ctl(GET_KEYRING_ID, 0, 0));
	describe("thread", THREAD);
	describe("process", PROCESS);
	describe("user", USER);
	describe("user session", USER_SESSION);
	K(ctl(JOIN_SESSION_KEYRING, NULL));
	describe("session", SESSION);
	old = ctl(GET_KEYRING_ID, SESSION, 0);
	if (!fork()) {
		say("the child's session: %s\n", ctl(GET_KEYRING_ID, SESSION, 0) == old ? "same" : "other");
		K(ctl(GET_KEYRING_ID, THREAD, 0));
		K(ctl(GET_KEYRING_ID, PROCESS, 0));
		_exit(0);
	}
	wait(&status);
	K(ctl(JOIN_SESSION_KEYRING, "odds"));
	describe("session", SESSION);
	now = ctl(GET_KEYRING_ID, SESSION, 0);
	say("another: %d\n", now != old);
	R(ctl(JOIN_SESSION_KEYRING, ".odds"));
	say("again: %d\n", ctl(JOIN_SESSION_KEYRING, "odds") == now);
	R(ctl(SET_REQKEY_KEYRING, -1));
	R(ctl(SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_THREAD_KEYRING));
	R(ctl(SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_SESSION_KEYRING));
	R(ctl(SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_GROUP_KEYRING));
	R(ctl(SET_REQKEY_KEYRING, 100));
	R(ctl(SET_REQKEY_KEYRING, -1));
	R(ctl(ASSUME_AUTHORITY, 0));
	R(ctl(ASSUME_AUTHORITY, -1));
	R(ctl(ASSUME_AUTHORITY, 0x7ffffff0));
	R(ctl(NEGATE, 0x7ffffff0, 1, 0));
	R(ctl(INSTANTIATE, 0x7ffffff0, "x", 1, 0));
	R(syscall(SYS_keyctl, 1000));
}

static void requests(void)
{
	long n;

	SECTION("requests");
	K(ctl(JOIN_SESSION_KEYRING, NULL));
	R(request("user", "nobody's", NULL, 0));
	R(request("user", "wanted", "info", SESSION));
	R(request("user", "wanted", "info", SESSION));
	R(request("user", "wanted", NULL, 0));
	say("%ld\n", count(SESSION));
	K(add("user", "wanted", "x", 1, SESSION));
	K(request("user", "wanted", NULL, 0));
	R(request("none", "a", "info", 0));
	R(request(".user", "a", "info", 0));
	R(request("user", "a", (char *)8, 0));
	R(request("user", (char *)8, NULL, 0));
	R(ctl(SETPERM, SESSION, 0x0b000000));
	R(request("user", "refused", "info", 0));
	n = count(SESSION);
	say("%ld\n", n);
}

static void as_user(long others, long open_ring)
{
	long k;
	int n;

	SECTION("another user");
	MUST(setgroups(0, NULL));
	MUST(setresgid(1000, 1000, 1000));
	MUST(setresuid(1000, 1000, 1000));
	describe("root's", others);
	show(others);
	R(ctl(SETPERM, others, 0x3f3f3f3f));
	R(ctl(LINK, others, PROCESS));
	describe("open", open_ring);
	K(add("user", "visitor", "x", 1, open_ring));
	say("%ld\n", count(open_ring));
	k = K(add("user", "own", "x", 1, PROCESS));
	describe("own", k);
	R(ctl(CHOWN, k, 0, -1));
	R(ctl(CHOWN, k, -1, 7));
	R(ctl(CHOWN, k, 1000, 1000));
	R(ctl(SETPERM, k, 0x3f000000));
	R(ctl(UNLINK, k, PROCESS));
	describe("user", USER);
	for (n = 0; n < 300; n++) {
		char d[20];

		snprintf(d, sizeof(d), "k%d", n);
		if (add("user", d, "x", 1, USER) < 0)
			break;
	}
	say("quota: %d %s\n", n > 100 && n < 200, ename(errno));
	R(ctl(CLEAR, USER));
}

int main(void)
{
	long others, open_ring;
	int status;

	types();
	R(ctl(CLEAR, THREAD));
	one_key();
	rings();
	special();
	requests();
	K(ctl(JOIN_SESSION_KEYRING, NULL));
	others = add("user", "root's", "x", 1, PROCESS);
	open_ring = add("keyring", "open", NULL, 0, PROCESS);
	R(ctl(SETPERM, open_ring, 0x3f3f003f));
	if (!fork()) {
		as_user(others, open_ring);
		_exit(0);
	}
	wait(&status);
	return 0;
}
