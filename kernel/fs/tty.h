/*
 * Terminals as processes know them: the controlling terminal of a session
 * (setsid(2), tty_ioctl(4)). proc->tty is guarded by proc_tree_lock and holds
 * a reference; RANK_TTY is above RANK_PROC_TREE.
 */
#ifndef FS_TTY_H
#define FS_TTY_H

#include <types.h>
#include "core/task.h"

struct tty;

/* A child's reference to its parent's terminal: t itself, or NULL for NULL. proc_tree_lock held. */
struct tty *tty_inherit(struct tty *t);
/* Gives one back; NULL allowed. No spinlock held. */
void tty_put(struct tty *t);
/*
 * The session of leader loses its terminal: every member's proc->tty becomes NULL, the tty is free
 * for another session, and its foreground group gets SIGHUP and, unless the leader exits, SIGCONT.
 * When it was hung up before, the group that was in the foreground then gets both. TIOCNOTTY of a
 * leader; the leader's exit. No lock held.
 */
void tty_session_end(struct proc *leader, bool exits);
/* vhangup(2): current's terminal, if there is one. */
void tty_vhangup(void);
extern int tty_legacy_tiocsti; /* dev.tty.legacy_tiocsti: TIOCSTI without CAP_SYS_ADMIN */
#endif
