/* spawn_actions.c - the list of a posix_spawn_file_actions_t. */
#include "spawn_actions.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
	memset(actions, 0, sizeof(*actions));
	return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
	struct spawn_action *a = actions->__first, *next;

	for (; a; a = next) {
		next = a->next;
		free(a);
	}
	actions->__first = actions->__last = NULL;
	return 0;
}

static int add(posix_spawn_file_actions_t *actions, enum spawn_what what, int fd, int to,
	       const char *path, int flags, mode_t mode)
{
	size_t n = path ? strlen(path) + 1 : 0;
	struct spawn_action *a, *last = actions->__last;

	if (fd < 0 || to < 0)
		return EBADF;
	a = malloc(sizeof(*a) + n);
	if (!a)
		return ENOMEM;
	*a = (struct spawn_action){ .what = what, .fd = fd, .to = to, .flags = flags, .mode = mode };
	if (path)
		memcpy(a->path, path, n);
	if (last)
		last->next = a;
	else
		actions->__first = a;
	actions->__last = a;
	return 0;
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *__restrict actions, int fd,
				     const char *__restrict path, int flags, mode_t mode)
{
	return add(actions, SPAWN_OPEN, fd, 0, path, flags, mode);
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd)
{
	return add(actions, SPAWN_CLOSE, fd, 0, NULL, 0, 0);
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int to)
{
	return add(actions, SPAWN_DUP2, fd, to, NULL, 0, 0);
}

int posix_spawn_file_actions_addchdir(posix_spawn_file_actions_t *__restrict actions,
				      const char *__restrict path)
{
	return add(actions, SPAWN_CHDIR, 0, 0, path, 0, 0);
}

int posix_spawn_file_actions_addfchdir(posix_spawn_file_actions_t *actions, int fd)
{
	return add(actions, SPAWN_FCHDIR, fd, 0, NULL, 0, 0);
}

int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *__restrict actions,
					 const char *__restrict path)
{
	return posix_spawn_file_actions_addchdir(actions, path);
}

int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *actions, int fd)
{
	return posix_spawn_file_actions_addfchdir(actions, fd);
}

int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int fd)
{
	return add(actions, SPAWN_CLOSEFROM, fd, 0, NULL, 0, 0);
}
