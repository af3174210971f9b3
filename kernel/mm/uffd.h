/*
 * Faults that a program resolves itself: userfaultfd(2). A context belongs to an address space; areas
 * that are registered with it have VM_UFFD and point to it. Whoever meets an absent page there writes
 * a message into the context and sleeps until somebody has filled the page, or says so. The descriptor
 * is fs/userfaultfd.c's.
 *
 * Other news (uffd_event.c): fork, mremap, madvise and munmap tell of what they do to registered areas,
 * and wait until that was read.
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
	struct list_head events; /* [lock] struct uffd_event */
	struct waitq sleepers; /* who waits for pages, or for its event to be read */
	atomic_t changing; /* [a] changes to areas that are told of and were not read of yet */
	unsigned flags; /* [I] of userfaultfd(2): O_CLOEXEC, O_NONBLOCK, UFFD_USER_MODE_ONLY */
	u64 features; /* [a] UFFD_FEATURE_*; UFFD_READY once the handshake is over */
	bool closed; /* [lock] */
};
#define UFFD_READY (1UL << 63)

struct uffd *uffd_alloc(struct mm *mm, unsigned flags); /* NULL: no memory */
void uffd_get(struct uffd *u);
void uffd_put(struct uffd *u); /* NULL allowed */
void uffd_close(struct uffd *u); /* the file goes: nobody waits any more */

/* The oldest message not read yet. False: there is none. */
bool uffd_take(struct uffd *u, struct uffd_msg *msg);
bool uffd_has_news(struct uffd *u);
/*
 * The oldest event that nobody reads; NULL. Whoever took it makes a descriptor of *child where that is not
 * NULL, and says whether it was told: if so *child's reference is the descriptor's.
 */
struct uffd_event *uffd_event_take(struct uffd *u, struct uffd_msg *msg, struct uffd **child);
void uffd_event_told(struct uffd *u, struct uffd_event *ev, bool ok);
bool uffd_event_waits(struct uffd *u); /* is there one? */

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

/* --- for who changes areas: first half with sem held, second half without, which may sleep for long --- */
/* b is a's copy in a new space. births: events, of this fork. 0, -ENOMEM. */
int uffd_fork(struct area *b, const struct area *a, struct list_head *births);
void uffd_fork_end(struct list_head *births, bool born);
/* a, which is not in its space yet, takes another's place in another range: who is to be told, or NULL. */
struct uffd *uffd_moves(struct area *a);
void uffd_moved(struct uffd *u, u64 from, u64 to, u64 len);
/* Pages of a are about to be dropped: who is to be told before, or NULL. */
struct uffd *uffd_removes(const struct area *a);
void uffd_removing(struct uffd *u, u64 start, u64 end);
/* a was removed with all of [start, end) and goes to dead; a->tells: uffd_unmap_end is due. */
void uffd_unmapped(struct area *a, u64 start, u64 end, const struct list_head *dead);
void uffd_unmap_end(const struct area *a);
#endif
