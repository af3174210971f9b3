/* dlopen's scopes and counts, dlsym's special handles, what a close takes away. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int ask(void *h, const char *name)
{
	int (*f)(void) = (int (*)(void))dlsym(h, name);

	return f ? f() : '!';
}

static int loaded(const char *name)
{
	void *h = dlopen(name, RTLD_NOW | RTLD_NOLOAD);

	if (h)
		dlclose(h);
	return h != NULL;
}

static void *open_one(const char *name, int mode)
{
	void *h = dlopen(name, mode);

	if (!h)
		printf("%s: cannot open\n", name);
	return h;
}

int main(void)
{
	void *left, *right, *user, *self, *again, *top, *deep;

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("%d %d\n", loaded("left.so"), dlsym(RTLD_DEFAULT, "side") == NULL);
	left = open_one("left.so", RTLD_NOW);
	right = open_one("right.so", RTLD_LAZY);
	printf("%c %c %c\n", ask(left, "ask_side"), ask(right, "ask_right"), ask(right, "side"));
	printf("local: %d %d\n", dlsym(RTLD_DEFAULT, "side") == NULL, loaded("left.so"));
	again = open_one("left.so", RTLD_NOW);
	printf("same: %d, close %d, there %d\n", again == left, dlclose(again), loaded("left.so"));
	user = open_one("user.so", RTLD_NOW);
	printf("user: %c\n", ask(user, "ask_user"));
	printf("close %d\n", dlclose(user));

	printf("global: %d\n", dlopen("right.so", RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL) == right);
	printf("default: %c\n", ask(RTLD_DEFAULT, "side"));
	user = open_one("user.so", RTLD_NOW);
	printf("user: %c\n", ask(user, "ask_user"));
	/* The user found right's function: right stays, though nobody has it open. */
	printf("close %d %d\n", dlclose(right), dlclose(right));
	printf("user: %c, there %d\n", ask(user, "ask_user"), loaded("right.so"));
	self = open_one("self.so", RTLD_NOW);
	deep = open_one("deep.so", RTLD_NOW | RTLD_DEEPBIND);
	printf("self: %c, deep: %c\n", ask(self, "ask_self"), ask(deep, "ask_side"));
	printf("close user %d\n", dlclose(user));
	printf("there %d\n", loaded("right.so"));
	printf("close left %d\n", dlclose(left));
	printf("there %d\n", loaded("left.so"));

	top = open_one("top.so", RTLD_NOW);
	printf("top: %d %d, its needs' too: %d\n", ask(top, "top_next"), ask(top, "top_missing"),
	       dlsym(top, "base_next") != NULL);
	again = open_one("base.so", RTLD_NOW);
	printf("close top %d\n", dlclose(top));
	printf("base: %d\n", ask(again, "base_next"));
	printf("close base %d\n", dlclose(again));

	top = open_one("top.so", RTLD_NOW | RTLD_NODELETE);
	printf("close %d, there %d\n", dlclose(top), loaded("top.so"));
	again = open_one("keeper.so", RTLD_NOW);
	printf("inner %d\n", loaded("left.so"));
	printf("close keeper %d\n", dlclose(again));
	printf("inner %d\n", loaded("left.so"));

	again = dlopen(NULL, RTLD_NOW);
	printf("myself: %d %d\n", dlsym(again, "main") != NULL,
	       dlsym(again, "printf") == (void *)printf);
	printf("next: %d %d\n", dlsym(RTLD_NEXT, "main") == NULL, dlsym(RTLD_NEXT, "puts") != NULL);
	printf("close me %d\n", dlclose(again));
	/* Not by exit: in which order the rest would stop, glibc and we say differently. */
	_exit(0);
}
