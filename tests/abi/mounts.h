/*
 * What the programs about mounts share: a namespace and a tmpfs of their own to work in, and
 * /proc/self/mountinfo as text that is the same in every run (groups by letters, in the order in which
 * they are seen first).
 */
#ifndef ABI_MOUNTS_H
#define ABI_MOUNTS_H

#include "abi.h"
#include <sys/mount.h>

static char work[100];
static int groups[64], nr_groups;

static inline void enter_own(void)
{
	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	snprintf(work, sizeof(work), "/tmp/mounts%d", getpid());
	mkdir("/tmp", 0777);
	MUST(mkdir(work, 0755));
	MUST(mount("work", work, "tmpfs", 0, "mode=0755"));
	MUST(chdir(work));
}

static inline void leave_own(void)
{
	MUST(chdir("/"));
	umount2(work, MNT_DETACH);
	rmdir(work);
}

static inline int group_letter(int id)
{
	int i = 0;

	while (i < nr_groups && groups[i] != id)
		i++;
	if (i == nr_groups)
		groups[nr_groups++] = id;
	return 'A' + i;
}

/* Every mount below the work folder: where, what of its file system, flags, propagation, type. */
static inline void show_mounts(const char *what)
{
	static char line[4096];
	FILE *f = fopen("/proc/self/mountinfo", "r");

	say("%s:\n", what);
	while (fgets(line, sizeof(line), f)) {
		char *save, *root, *at, *flags, *word;

		for (int i = 0; i < 3; i++)
			strtok_r(i ? NULL : line, " ", &save);
		root = strtok_r(NULL, " ", &save);
		at = strtok_r(NULL, " ", &save);
		flags = strtok_r(NULL, " ", &save);
		if (strncmp(at, work, strlen(work)))
			continue;
		say("  .%s %s %s", at + strlen(work), root, flags);
		while ((word = strtok_r(NULL, " ", &save)) && strcmp(word, "-")) {
			char *id = strchr(word, ':');

			if (id)
				say(" %.*s:%c", (int)(id - word), word, group_letter(atoi(id + 1)));
			else
				say(" %s", word);
		}
		say(" - %s", strtok_r(NULL, " ", &save));
		say(" %s\n", strtok_r(NULL, " ", &save));
	}
	fclose(f);
}

static inline void touch(const char *name)
{
	close(MUST(open(name, O_CREAT | O_RDWR, 0644)));
}

#endif
