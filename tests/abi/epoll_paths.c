/* epoll files that watch epoll files: how deep, and how many ways may lead up from one file. */
#include "abi.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

static int add(int ep, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

static int del(int ep, int fd)
{
	return epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
}

static int make(void)
{
	return MUST(epoll_create1(0));
}

/* New epoll files watch fd until one may not; they stay open. */
static void widen(const char *what, int fd, int most)
{
	int n = 0, r = 0;

	for (; n < most; n++) {
		r = add(make(), fd);
		if (r)
			break;
	}
	say("%s: %d", what, n);
	show_result(", the next", r);
}

static void fresh(void (*fn)(void))
{
	pid_t pid = MUST(fork());

	if (!pid) {
		fn();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void chains(void)
{
	int chain[12], e = MUST(eventfd(0, 0)), n;

	SECTION("depth");
	for (int i = 0; i < 12; i++)
		chain[i] = make();
	MUST(add(chain[11], e));
	for (n = 0; n < 11; n++)
		if (add(chain[10 - n], chain[11 - n]))
			break;
	say("grown at its head, over a file: %d\n", n);
	R(add(chain[10 - n], chain[11 - n]));
	for (int i = 0; i < 12; i++)
		chain[i] = make();
	for (n = 0; n < 11; n++)
		if (add(chain[n], chain[n + 1]))
			break;
	say("grown at its end: %d\n", n);
	R(add(chain[n], chain[n + 1]));
	R(add(chain[n], e));
	R(add(chain[n], chain[0]));
	R(add(chain[1], chain[0]));
	R(add(chain[0], chain[0]));
	SECTION("a chain that lost its head may grow");
	R(del(chain[0], chain[1]));
	R(add(chain[n], chain[n + 1]));
	R(add(chain[n + 1], chain[n + 2]));
	SECTION("two halves");
	for (int i = 0; i < 12; i++)
		chain[i] = make();
	for (int i = 0; i < 10; i++)
		if (i != 2 && i != 5)
			MUST(add(chain[i], chain[i + 1]));
		else if (i == 5)
			break;
	R(add(chain[2], chain[3]));
	R(add(chain[1], chain[3]));
	R(add(chain[2], chain[4]));
}

static void direct(void)
{
	int e = MUST(eventfd(0, 0));

	SECTION("watched by many, who are not watched");
	widen("direct", e, 1500);
}

static void one_between(void)
{
	int e = MUST(eventfd(0, 0)), a = make();

	SECTION("one epoll file in between");
	MUST(add(a, e));
	widen("ways", a, 1500);
	SECTION("and another file for it");
	R(add(a, MUST(eventfd(0, 0))));
	int b = make();
	R(add(b, e));
	R(add(make(), b));
	R(del(a, e));
	R(add(make(), b));
}

static void last_link(void)
{
	int e = MUST(eventfd(0, 0)), a = make();

	SECTION("the file comes last");
	for (int i = 0; i < 501; i++)
		MUST(add(make(), a));
	R(add(a, e));
	R(add(a, e));
	R(del(a, e));
	SECTION("a branch of many comes last");
	int b = make(), c = make();
	for (int i = 0; i < 499; i++)
		MUST(add(make(), b));
	R(add(b, c));
	R(add(c, e));
	R(del(b, c));
	R(add(c, e));
	R(add(b, c));
}

static void deep(void)
{
	int e = MUST(eventfd(0, 0)), a = make(), b = make(), c = make();

	SECTION("two between");
	MUST(add(a, e));
	MUST(add(b, a));
	widen("ways", b, 1500);
	SECTION("three between");
	e = MUST(eventfd(0, 0));
	a = make(), b = make();
	MUST(add(a, e));
	MUST(add(b, a));
	MUST(add(c, b));
	widen("ways", c, 1500);
	SECTION("four between");
	e = MUST(eventfd(0, 0));
	a = make(), b = make(), c = make();
	int d = make();
	MUST(add(a, e));
	MUST(add(b, a));
	MUST(add(c, b));
	MUST(add(d, c));
	widen("ways", d, 1500);
	R(add(d, MUST(eventfd(0, 0))));
	R(add(c, MUST(eventfd(0, 0))));
}

/* Layers, each file of one watched by all of the next. */
static void layers(void)
{
	int e = MUST(eventfd(0, 0)), below[8], here[8], width = 8, err = 0;

	SECTION("layers of eight");
	for (int i = 0; i < width; i++)
		MUST(add(below[i] = make(), e));
	for (int layer = 1; layer < 6 && !err; layer++) {
		int links = 0;

		for (int i = 0; i < width; i++)
			here[i] = make();
		for (int i = 0; i < width && !err; i++) {
			for (int k = 0; k < width && !err; k++) {
				err = add(here[i], below[k]) ? errno : 0;
				links += !err;
			}
		}
		say("layer %d: %d links, %s\n", layer, links, err ? ename(err) : "all");
		memcpy(below, here, sizeof(below));
	}
}

int main(void)
{
	struct rlimit lim = { 4096, 4096 };

	MUST(setrlimit(RLIMIT_NOFILE, &lim));
	fresh(chains);
	fresh(direct);
	fresh(one_between);
	fresh(last_link);
	fresh(deep);
	fresh(layers);
	return 0;
}
