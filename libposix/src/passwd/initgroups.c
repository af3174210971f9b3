/* initgroups.c - all groups of a user: getgrouplist(3), initgroups(3). */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many there are, or (too many for the list) -1; *count tells in both cases. */
int getgrouplist(const char *user, gid_t gid, gid_t *list, int *count)
{
	int room = *count, n = 0;
	struct group *gr;
	FILE *f = fopen("/etc/group", "re");

	if (n < room)
		list[n] = gid;
	n++;
	while (f && (gr = fgetgrent(f))) {
		if (gr->gr_gid == gid)
			continue;
		for (char **m = gr->gr_mem; *m; m++) {
			if (strcmp(*m, user))
				continue;
			if (n < room)
				list[n] = gr->gr_gid;
			n++;
			break;
		}
	}
	if (f)
		fclose(f);
	*count = n;
	return n > room ? -1 : n;
}

int initgroups(const char *user, gid_t gid)
{
	int count = 64, result;
	gid_t *list = malloc(sizeof(*list) * 64), *bigger;

	if (list && getgrouplist(user, gid, list, &count) < 0) {
		bigger = realloc(list, sizeof(*list) * (size_t)count);
		if (!bigger)
			free(list);
		list = bigger;
		if (list)
			getgrouplist(user, gid, list, &count);
	}
	if (!list)
		return -1;
	result = setgroups((size_t)count, list);
	free(list);
	return result;
}
