/* spawn_actions.h - what a child of posix_spawn does with its descriptors, in order. */
#ifndef LIBPOSIX_SPAWN_ACTIONS_H
#define LIBPOSIX_SPAWN_ACTIONS_H

#include <sys/types.h>

enum spawn_what {
	SPAWN_CLOSE,
	SPAWN_DUP2,
	SPAWN_OPEN,
	SPAWN_CHDIR,
	SPAWN_FCHDIR,
	SPAWN_CLOSEFROM,
};

struct spawn_action {
	struct spawn_action *next;
	enum spawn_what what;
	int fd, to, flags;
	mode_t mode;
	char path[];
};

#endif
