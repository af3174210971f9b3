/* What pid_ns and pid_ns_told share: children in process namespaces of their own. */
#ifndef ABI_PID_NS_H
#define ABI_PID_NS_H

#include "abi.h"

static int to_parent[2]; /* a pipe */

static void wait_byte(void)
{
	char c;

	MUST(read(to_parent[0], &c, 1));
}

static pid_t born(unsigned long flags)
{
	return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

static void ended(const char *what, pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0));
	say("%s: %s\n", what, wait_text(status));
}

/* fn as process 1 of a namespace. */
static void as_init(const char *what, void (*fn)(void))
{
	pid_t pid = MUST(born(CLONE_NEWPID));

	if (!pid) {
		fn();
		_exit(0);
	}
	ended(what, pid);
}

static void as_child(const char *what, void (*fn)(void))
{
	in_child(what, fn);
}

static inline unsigned long ino(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

/* The numbers behind a label of a status file, less the first. */
static void numbers(const char *path, const char *label)
{
	char line[256], *p;
	FILE *f = fopen(path, "r");

	if (!f) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, label, strlen(label)))
			continue;
		p = strchr(line, '\t');
		p = p ? strchr(p + 1, '\t') : NULL;
		say("%s below: %s", label, p ? p + 1 : "none\n");
	}
	fclose(f);
}

#endif
