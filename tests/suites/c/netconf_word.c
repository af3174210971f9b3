/*
 * netconf_word.c - the words of /proc/sys/net, written and read, and the walk of a table of them.
 */
#include "netconf.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

void put(const char *name, const char *value)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY);
	CHECK(fd >= 0);
	if (write(fd, value, strlen(value)) < 0)
		printf("%s=%s: %s\n", name, value, strerror(errno));
	close(fd);
}

void get(const char *name, char *value, size_t size)
{
	char path[200];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	n = read(fd, value, size - 1);
	CHECK(n >= 0);
	value[n] = '\0';
	value[strcspn(value, "\n")] = '\0';
	close(fd);
}

void sh(const char *command)
{
	if (system(command))
		printf("%s: failed\n", command);
}

long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Each word with each of its values; before: called before each. */
void walk(const struct netconf_case *cases, size_t n, const char *only, void (*before)(void))
{
	char was[100], is[100];

	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; i < n; i++) {
		if (!strstr(cases[i].word, only))
			continue;
		get(cases[i].word, was, sizeof(was));
		for (int k = 0; k < 5 && cases[i].values[k]; k++) {
			put(cases[i].word, cases[i].values[k]);
			get(cases[i].word, is, sizeof(is));
			before();
			printf("%s %s: ", cases[i].word, is);
			cases[i].fn();
			printf("\n");
		}
		put(cases[i].word, *was ? was : "\n");
	}
}
