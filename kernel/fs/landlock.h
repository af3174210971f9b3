/*
 * Landlock: landlock(7). A ruleset says which accesses it handles, and below which files and on which
 * ports it allows them; a domain (core/domain.h) is a ruleset that somebody has restricted himself by.
 * An access passes when each domain that handles it allows it on the file or on a directory above.
 *
 * The file layer asks here beside its permissions: one test of current's credentials for who is not
 * restricted. Accesses are LANDLOCK_ACCESS_*. 0, -EACCES.
 */
#ifndef FS_LANDLOCK_H
#define FS_LANDLOCK_H

#include <uapi/errno.h>
#include <uapi/landlock.h>
#include "core/domain.h"
#include "core/task.h"
#include "fs/fs.h"

#define LANDLOCK_ABI	   6 /* Linux 6.12's */
#define LANDLOCK_FS_ALL	   0xffffULL
#define LANDLOCK_NET_ALL   0x3ULL
#define LANDLOCK_SCOPE_ALL 0x3ULL
#define LANDLOCK_ACCESS_FILE                                          \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | \
	 LANDLOCK_ACCESS_FS_IOCTL_DEV)

u64 landlock_denied(const struct path *p, u64 access); /* those of them that are not allowed */
static inline bool landlocked(void)
{
	return unlikely(current->cred->domain);
}
static inline int landlock_may(const struct path *p, u64 access)
{
	return landlocked() && landlock_denied(p, access) ? -EACCES : 0;
}
u64 landlock_make_access(u32 mode); /* LANDLOCK_ACCESS_FS_MAKE_* */
/* f, just opened, of that place: 0, -EACCES; notes in f->mode what may be done with it later. */
int landlock_open(struct file *f, const struct path *at);
/*
 * d of `from` gets a (another) name in `to`, and where it was removed (rename), or exchanged with
 * `other`, loses the old one. -EXDEV: it would be allowed more there than it was.
 */
int landlock_refer(const struct path *from, const struct dentry *d, const struct path *to,
		   const struct dentry *other, bool removed, bool exchange);
/* A domain that is about files keeps the tree of mounts as it is. */
int landlock_may_mount(void); /* 0, -EPERM */
int landlock_may_port(u64 access, u16 port); /* host order */

/* The calls, checked numbers; f is a ruleset's (-EBADFD: another's). */
struct file *landlock_ruleset_file(const struct landlock_ruleset_attr *attr); /* ERR_PTR */
int landlock_add_path(struct file *f, u64 access, int parent_fd);
int landlock_add_port(struct file *f, u64 access, u64 port);
int landlock_restrict(struct file *f);
bool landlock_is_ruleset(const struct file *f);
#endif
