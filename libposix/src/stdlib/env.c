/*
 * env.c - the environment. `environ` starts as the kernel's block; the first
 * change moves the list of pointers to the heap. Strings made here are kept in
 * a list beside it, so that replacing one frees it. Not for concurrent use
 * (POSIX: setenv need not be thread-safe).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char **list; /* the environ we made, with `room` slots */
static size_t room;
static char **owned; /* strings that setenv made */
static size_t owned_count;

static size_t count_of(char **env)
{
	size_t n = 0;

	while (env && env[n])
		n++;
	return n;
}

/* The slot of NAME=..., or NULL. */
static char **find(const char *name, size_t len)
{
	for (char **e = environ; e && *e; e++)
		if (!strncmp(*e, name, len) && (*e)[len] == '=')
			return e;
	return NULL;
}

static int valid(const char *name)
{
	if (name && *name && !strchr(name, '='))
		return 1;
	errno = EINVAL;
	return 0;
}

static int own(char *s)
{
	char **p = reallocarray(owned, owned_count + 1, sizeof(*p));

	if (!p)
		return -1;
	owned = p;
	owned[owned_count++] = s;
	return 0;
}

static void disown(char *s)
{
	for (size_t i = 0; i < owned_count; i++) {
		if (owned[i] == s) {
			owned[i] = owned[--owned_count];
			free(s);
			return;
		}
	}
}

/* Put `s` (NAME=VALUE) where the old assignment was, or at the end. */
static int place(char *s)
{
	char **slot = find(s, (size_t)(strchr(s, '=') - s));
	size_t n = count_of(environ);

	if (slot) {
		char *old = *slot;

		*slot = s;
		disown(old);
		return 0;
	}
	if (environ != list || n + 2 > room) {
		size_t want = 2 * (n + 8);
		char **p = malloc(want * sizeof(*p));

		if (!p)
			return -1;
		if (n)
			memcpy(p, environ, n * sizeof(*p));
		free(list);
		environ = list = p;
		room = want;
	}
	environ[n] = s;
	environ[n + 1] = NULL;
	return 0;
}

char *getenv(const char *name)
{
	size_t len = strlen(name);
	char **e = len && !strchr(name, '=') ? find(name, len) : NULL;

	return e ? *e + len + 1 : NULL;
}

int setenv(const char *name, const char *value, int overwrite)
{
	size_t len;
	char *s;

	if (!valid(name))
		return -1;
	len = strlen(name);
	if (!overwrite && find(name, len))
		return 0;
	s = malloc(len + strlen(value) + 2);
	if (!s)
		return -1;
	memcpy(s, name, len);
	s[len] = '=';
	strcpy(s + len + 1, value);
	if (own(s)) {
		free(s);
		return -1;
	}
	if (place(s)) {
		disown(s);
		return -1;
	}
	return 0;
}

int unsetenv(const char *name)
{
	char **e;

	if (!valid(name))
		return -1;
	while ((e = find(name, strlen(name)))) {
		char *old = *e;

		do
			e[0] = e[1];
		while (*e++);
		disown(old);
	}
	return 0;
}

/* The string itself becomes part of the environment (POSIX putenv). */
int putenv(char *assignment)
{
	return strchr(assignment, '=') ? place(assignment) : unsetenv(assignment);
}

int clearenv(void)
{
	static char *none[1];

	environ = none;
	return 0;
}
