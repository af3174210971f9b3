/* shm_path.c - where shm_open(3) and sem_open(3) keep what has a name. */
#include "shm_path.h"

#include <errno.h>
#include <string.h>

char *__shm_path(const char *name, const char *prefix, char out[SHM_PATH])
{
	size_t n;

	while (*name == '/')
		name++;
	n = strlen(name);
	if (!n || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..")) {
		errno = EINVAL;
		return NULL;
	}
	if (n + strlen(prefix) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	strcpy(out, "/dev/shm/");
	strcat(out, prefix);
	return strcat(out, name);
}
