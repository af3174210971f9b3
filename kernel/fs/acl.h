/*
 * POSIX access control lists: acl(5). A list is kept as the extended attribute that programs see
 * (system.posix_acl_access, system.posix_acl_default of directories), so that a file system stores it
 * as any other. inode->acl is the first of them, parsed, for permission checks under RCU; an inode
 * that makes new ones inherit has INODE_INHERITS in inode->attr.
 */
#ifndef FS_ACL_H
#define FS_ACL_H

#include "fs/fs.h"

#define ACL_ACCESS     "system.posix_acl_access"
#define ACL_DEFAULT    "system.posix_acl_default"

#define INODE_INHERITS 0x80000000u /* beside FS_*_FL */

bool acl_is_name(const char *name);
/* Does the list let current, who is not i's owner, do that? Under RCU. */
bool acl_allows(const struct inode *i, int mask);
/* setxattr(2), removexattr(2) (v NULL) of a list. */
int acl_set(const struct path *p, const char *name, const void *v, size_t n);
/* What getxattr(2) gives: the ids of a list as current's user namespace has them. */
void acl_show(void *v, size_t n);
/* i->rwsem held: the attribute came to be v (NULL: none). -EINVAL: it makes no sense; -ENOMEM. */
int acl_note(struct inode *i, const char *name, const void *v, size_t n);
void acl_free(struct inode *i); /* nobody looks any more */
/* chmod(2) gave i, which has a list, another mode. i->rwsem held for writing. */
void acl_chmod(struct inode *i);
/* i, new in dir, which inherits: its lists, and of its mode what the list leaves. */
void acl_inherit(struct inode *i, struct inode *dir);
/* The umask does not count where a list says what new files get: umask(2). */
u32 mode_masked(const struct inode *dir, u32 mode);
#endif
