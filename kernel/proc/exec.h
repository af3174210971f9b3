/*
 * An exec in progress: what exec.c, args.c, elf.c and script.c share. The new
 * address space is private to the caller until it is activated, so nothing is
 * locked.
 */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include <types.h>
#include "core/cred.h"
#include "core/task.h"
#include "fs/fs.h"
#include "mm/vm.h"
#include "proc/proc.h"

#define EXEC_HEAD 256 /* bytes of a file that decide its format (Linux: BINPRM_BUF_SIZE) */

struct exec {
	struct file *file; /* the image; its inode is denied to writers */
	const char *filename; /* as the caller named it, or /dev/fd/N: AT_EXECFN, comm */
	char *fdpath; /* heap, or NULL: what filename points to for execveat by descriptor */
	char *interp; /* heap: the path that a script names, or NULL */
	bool inaccessible; /* filename names a close-on-exec descriptor: no script can be read through it */
	u8 head[EXEC_HEAD]; /* of file, padded with zeros */

	struct mm *mm; /* the new space */
	bool committed; /* the old one is gone: a failure now ends the process */
	bool randomize;
	u64 stack_top, stack_base; /* the mapped stack area */
	u64 sp; /* lowest byte of strings so far */
	u64 sp_limit; /* strings may not go below */
	u64 execfn; /* where filename's copy is */
	unsigned argc, envc;

	struct cred *cred; /* what the new program runs with */
	bool secure; /* AT_SECURE */
	bool clear_personality; /* more rights than before: no help for who attacks it */
	bool unreadable; /* the program, or its script, by who runs it: no dump, no look */
};

/* --- args.c --- */
/* Maps the new stack and copies filename and both arrays onto it. 0, -E2BIG, -EFAULT, -ENOMEM. */
int args_copy(struct exec *x, const struct strings *argv, const struct strings *envp);
/* One more string below the others. 0, -E2BIG, -ENOMEM. */
int args_push(struct exec *x, const char *s);
/* Drops argv[0] (its string lies lowest). -EFAULT. */
int args_drop_first(struct exec *x);
/* Writes argc, pointers and the auxiliary vector (pairs, n words, without AT_NULL) below the strings; the final sp or -errno. x->mm is current's. */
s64 args_finish(struct exec *x, u64 random_addr, const u64 *auxv, unsigned n);
/* Room for AT_RANDOM's 16 bytes, filled; its address, 0 on failure. */
u64 args_place_random(struct exec *x);

/* --- formats: -ENOEXEC when the file is of another kind --- */
/* script.c: `#!`; the interpreter becomes x->file, its argument and the script's name are pushed. 0: look again. */
int script_load(struct exec *x);
/* elf.c: goes past the point of no return by exec_commit and sets the frame. */
int elf_load(struct exec *x);

/* --- exec_cred.c --- */
int exec_prepare_cred(struct exec *x); /* x->cred, x->secure. 0, -EPERM, -EINVAL, -ENOMEM */
bool exec_hides(const struct exec *x); /* the process will not be dumpable, whatever it was */
void exec_take_cred(struct exec *x); /* past the point of no return */

/* --- exec.c --- */
/* An executable file by path, execute permission checked, denied to writers. ERR_PTR. */
struct file *exec_open(int dfd, const char *name, unsigned lookup_flags);
void exec_close(struct file *f);
/* The point of no return: current becomes single, takes x->mm and the credentials. -errno before it, else 0 or (committed) -errno. */
int exec_commit(struct exec *x);
/* How far, in bytes, a mapping area or a program that may lie anywhere is moved: proc(5), vm.mmap_rnd_bits. */
u64 exec_mmap_random(void);

#endif
