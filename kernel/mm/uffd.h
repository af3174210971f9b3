/*
 * Faults that a program resolves itself: userfaultfd(2). A context belongs to an address space; areas
 * that are registered with it have VM_UFFD and point to it. Whoever meets an absent page there writes
 * a message into the context and sleeps until somebody has filled the page, or says so. The descriptor
 * is fs/userfaultfd.c's.
 *
 * Locks: area->uffd and VM_UFFD as the area's flags, mm->sem. ctx->lock guards the lists of those who
 * wait. It is taken with mm->sem held, and none is taken in it.
 */
#ifndef MM_UFFD_H
#define MM_UFFD_H

#include <uapi/userfaultfd.h>
#include "core/wait.h"
#include "mm/vm.h"

struct uffd {
	atomic_t refs; /* [a] the file, areas, those who wait */
	struct mm *mm; /* [I] held */
	spinlock_t lock; /* RANK_MM */
	struct list_head unread, waiting; /* [lock] struct uffd_wait: told already, the second */
	struct waitq readers; /* who waits for messages */
	struct waitq sleepers; /* who waits for pages */
	u64 features; /* [a] UFFD_FEATURE_*; UFFD_READY once the handshake is over */
	bool user_only; /* [I] UFFD_USER_MODE_ONLY: the kernel's own accesses fail */
	bool closed; /* [lock] */
};
#define UFFD_READY (1UL << 63)

struct uffd *uffd_create(bool user_only); /* for current->mm; NULL: no memory */
void uffd_get(struct uffd *u);
void uffd_put(struct uffd *u); /* NULL allowed */
void uffd_close(struct uffd *u); /* the file goes: nobody waits any more */

/* The oldest message not read yet. False: there is none. */
bool uffd_take(struct uffd *u, struct uffd_msg *msg);
bool uffd_has_news(struct uffd *u);

/* The ioctls, checked but for what is mapped there. -errno as ioctl_userfaultfd(2) has them. */
int uffd_register(struct uffd *u, u64 start, u64 len, u64 mode);
int uffd_unregister(struct uffd *u, u64 start, u64 len);
void uffd_wake(struct uffd *u, u64 start, u64 len);
enum uffd_fill { UFFD_COPY, UFFD_ZERO, UFFD_CONTINUE, UFFD_POISON };
/* Fills pages from dst on; src: with UFFD_COPY. Bytes done, or -errno when that is none. */
s64 uffd_fill(struct uffd *u, enum uffd_fill what, u64 dst, u64 src, u64 len);
s64 uffd_move(struct uffd *u, u64 dst, u64 src, u64 len, bool holes);

/* --- for faults; sem held for reading --- */
enum uffd_verdict { UFFD_PASS, UFFD_WAIT, UFFD_SIGBUS, UFFD_POISONED };
enum uffd_verdict uffd_look(struct area *a, u64 addr, bool write, bool user, u64 *flags);
/*
 * An access at addr had UFFD_WAIT from u (referenced, given back here): sleeps, no lock held. 0: try
 * again.
 */
int uffd_sleep(struct uffd *u, struct mm *mm, u64 addr, bool write, bool user);
#endif
