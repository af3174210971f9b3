/*
 * The notes of a core file (core(5); elf(5), "Notes"): of the thread that died the first one, with what is
 * the whole process's behind its registers, then of each other thread its own.
 */
#ifndef PROC_COREDUMP_NOTES_H
#define PROC_COREDUMP_NOTES_H

#include <types.h>
#include <uapi/signal.h>

struct task;

struct core_notes {
	char *data; /* the caller's to kfree */
	size_t len, room; /* bytes of notes, and of memory */
};

/*
 * Those of current, which dies of signo, and of its process. Takes mm->sem; page: PAGE_SIZE bytes to work
 * in. False: no memory.
 */
bool core_notes_make(struct core_notes *n, int signo, const siginfo_t *si, char *page);
/* Those of t alone, another thread of current's process that waits (coredump_threads.h), in place of what was there. */
bool core_thread_notes(struct core_notes *n, struct task *t, int signo);
size_t core_thread_size(struct task *t); /* bytes that these will take */

#endif
