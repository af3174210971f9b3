/*
 * Pseudo-terminals: pty(7). A pair is a terminal (fs/tty_core.h) whose line is a
 * program: what it writes to the master comes in, what goes out it reads there.
 * devpts/ names the terminals and opens them.
 */
#ifndef FS_PTY_H
#define FS_PTY_H

#include "fs/tty_core.h"

#define PTY_LINE_SIZE 16384 /* output that the master has yet to read */

struct pty {
	struct tty tty; /* first; its lock guards [p] */
	unsigned nr; /* [I] /dev/pts/NR */
	struct super *sb; /* [I] the devpts it belongs to, referenced until the master closes */
	bool locked; /* [p] unlockpt(3) was not called yet */
	bool gone; /* [o] of the tty: the master is closed */
	bool closed; /* [p] was open, and is open nowhere any more */
	bool packet_mode; /* [p] TIOCPKT */
	u8 events; /* [p] TIOCPKT_* to be read in packet mode */
	struct ring line; /* [p] */
	u8 line_buf[PTY_LINE_SIZE];
	struct waitq readers, writers; /* at the master */
};

struct pty *pty_alloc(unsigned nr, struct super *sb); /* one reference; NULL: no memory */
extern const struct file_ops ptm_fops; /* the master's file, priv the pty */

/* fs/devpts/devpts.c */
void devpts_remove(struct pty *p); /* the master is closed: its name goes */
/* The terminal of master f as a new file: TIOCGPTPEER. ERR_PTR. */
struct file *devpts_open_peer(struct file *f, int flags);
void devpts_init(void); /* /dev/ptmx */
extern int pty_max; /* kernel.pty.max, proc(5) */
int pty_count(void); /* that exist: kernel.pty.nr */
#endif
