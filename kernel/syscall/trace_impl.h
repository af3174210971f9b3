/*
 * What the files of the tracer share: the line being written, tables of names,
 * and the printers of values. Task context; nothing is locked: a line belongs to
 * the call that it tells of.
 */
#ifndef SYSCALL_TRACE_IMPL_H
#define SYSCALL_TRACE_IMPL_H

#include <compiler.h>
#include <types.h>
#include "syscall/trace.h"

#define TRACE_LINE  1000 /* bytes: what the log takes in one piece, with its own head */
#define TRACE_TAIL  200 /* of them kept for the result */
#define TRACE_BYTES 32 /* of a string or buffer that are shown */
#define TRACE_ITEMS 16 /* of an array that are shown */

struct line {
	size_t len, limit;
	char text[TRACE_LINE];
};

void line_printf(struct line *l, const char *fmt, ...) __printf(2, 3);
void line_puts(struct line *l, const char *s);

/* A call that returned (or will not), as it is told of. */
struct call {
	unsigned long nr;
	const u64 *args;
	long ret;
	u8 nr_args;
	u8 kind[6];
};

/* --- trace_args.c --- */
void call_refine(struct call *c); /* kinds that syscalls.tbl has no word for */
void call_args(struct line *l, const struct call *c);

/* --- trace_names.c: tables, each ended by a row without a name --- */
struct name {
	u64 value;
	const char *name;
};
struct names {
	const struct name *rows;
	bool flags; /* bits, else one value */
	const char *other; /* what stands in a comment behind a value that no row names */
};
/* How arguments of this kind are named; NULL: they are not. */
const struct names *names_of_kind(unsigned kind);
/* A name, or NULL. */
const char *name_find(const struct names *n, u64 value);
void say_names(struct line *l, const struct names *n, u64 value);
void say_open_flags(struct line *l, u64 flags); /* with an access mode: O_RDONLY|... */
void say_extra_open_flags(struct line *l, u64 flags); /* without: pipe2, dup3 */

extern const struct names clone_names, poll_names, epoll_names, sa_names, ss_names, futex_op_names,
	ioctl_names, fcntl_names, seek_names, lock_type_names, fd_names, seal_names, prctl_names,
	tty_in_names, tty_out_names, tty_local_names, statx_names, resolve_names, file_type_names;

/* --- trace_errno.c --- */
const char *errno_name(int err); /* "ENOENT"; NULL */
const char *errno_text(int err);
const char *signal_name(int signo); /* without SIG: "INT"; NULL for real-time ones */
void say_signal(struct line *l, int signo);
void say_sigset(struct line *l, u64 set);

/* --- trace_value.c: values in user memory; a bad address is printed as such --- */
void say_pointer(struct line *l, u64 addr);
void say_path(struct line *l, u64 addr);
void say_bytes(struct line *l, u64 addr, u64 n); /* n bytes, quoted */
void say_strings(struct line *l, u64 addr); /* argv */
void say_string_count(struct line *l, u64 addr); /* envp */
void say_iovecs(struct line *l, u64 addr, u64 n, u64 bytes); /* bytes of them are there */
void say_timespec(struct line *l, u64 addr);
void say_timespecs(struct line *l, u64 addr); /* of utimensat(2) */
void say_timeval(struct line *l, u64 addr);
void say_itimerval(struct line *l, u64 addr);
void say_itimerspec(struct line *l, u64 addr);
void say_rlimit(struct line *l, u64 addr);
void say_user_sigset(struct line *l, u64 addr);
void say_sigaction(struct line *l, u64 addr);
void say_altstack(struct line *l, u64 addr);
void say_stat(struct line *l, u64 addr);
void say_statx(struct line *l, u64 addr);
void say_mode(struct line *l, u32 mode);
void say_pollfds(struct line *l, u64 addr, u64 n);
void say_ready_fds(struct line *l, u64 addr, u64 n); /* those with revents, behind a result */
void say_epoll_events(struct line *l, u64 addr, u64 n, bool array);
void say_ints(struct line *l, u64 addr, u64 n);
void say_int_at(struct line *l, u64 addr); /* [5] */
void say_long_at(struct line *l, u64 addr);
void say_wait_status(struct line *l, u64 addr);
void say_flock(struct line *l, u64 addr);
void say_clone_args(struct line *l, u64 addr, u64 size);
void say_open_how(struct line *l, u64 addr, u64 size);
void say_utsname(struct line *l, u64 addr);
void say_winsize(struct line *l, u64 addr);
void say_termios(struct line *l, u64 addr);
void say_hart_mask(struct line *l, u64 addr, u64 n);
void say_siginfo(struct line *l, u64 addr);

/*
 * Kinds beyond those of syscalls.tbl, for arguments whose table type says too little; see special[] in
 * trace.c.
 */
enum {
	KIND_addr = 100,
	KIND_outiovec,
	KIND_outbytes, /* as many as the result says */
	KIND_statx,
	KIND_statx_mask,
	KIND_rlimit_out,
	KIND_sigaction_out,
	KIND_altstack,
	KIND_altstack_out,
	KIND_timeval_out,
	KIND_itimerval_out,
	KIND_itimerspec,
	KIND_itimerspec_out,
	KIND_epoll_array,
	KIND_int_out,
	KIND_long_at,
	KIND_uid_list,
	KIND_uid_list_out,
	KIND_utsname_out,
	KIND_entries,
	KIND_hart_mask,
	KIND_hart_mask_out,
	KIND_open_how,
	KIND_siginfo_out,
	KIND_unlink_flags,
	KIND_access_flags,
	KIND_random_flags,
	KIND_memfd_flags,
	KIND_mremap_flags,
	KIND_msync_flags,
	KIND_mlockall_flags,
	KIND_mount_flags,
	KIND_umount_flags,
	KIND_close_range_flags,
	KIND_timer_flags,
	KIND_rusage_who,
	KIND_id_type,
	KIND_itimer,
	KIND_policy,
	KIND_prio_which,
	KIND_fadvice,
	KIND_fallocate_mode,
	KIND_rseq_flags,
	KIND_membarrier,
	KIND_epoll_flags,
};
#endif
