/*
 * copy.h - copying files and trees: cp, and mv between file systems.
 */
#ifndef USER_COMMON_COPY_H
#define USER_COMMON_COPY_H

#include <stdbool.h>

struct copy_how {
	bool recursive, mode, owner, times,
		links; /* links: hard links between what is copied stay */
	bool follow, follow_named; /* symbolic links: what they lead to */
	bool force, ask, no_clobber, update, verbose, hard, symbolic, remove_first, attributes_only,
		one_device;
	char backup; /* what backup_kind said */
	const char *suffix; /* of backups, NULL: the usual one */
};

/* Copy one file or tree to that path. 0, or 1 after a message. */
int copy_path(const char *from, const char *to, const struct copy_how *how);

/* The target is a folder that is there: what the operands are copied into. `files` ends with NULL. */
bool is_folder(const char *path);
char *inside(const char *folder, const char *file);
/*
 * How many of the n operands at files are sources; the rest of cp's and mv's forms: *folder is the target
 * folder (-t gave it, or it is the last operand), or stays NULL: files[1] is what files[0] becomes. `plain`:
 * -T. Ends with the usage text `help` or a message where the operands make no sense.
 */
int sources(char **files, int n, bool plain, const char **folder, const char *help);

#endif
