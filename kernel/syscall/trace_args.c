/*
 * The arguments of a call, each as its type in syscalls.tbl says, some by what
 * another argument says. Called when the call has returned, so what it filled
 * can be shown; see trace_impl.h.
 */
#include "syscall/trace_impl.h"

#include <uapi/fcntl.h>
#include <uapi/futex.h>
#include <uapi/ioctl.h>
#include <uapi/prctl.h>
#include <uapi/sched.h>

/* --- arguments whose type in syscalls.tbl says too little ------------------------------ */

static const struct {
	u16 nr;
	u8 arg, kind;
} special[] = {
	{ __NR_mmap, 0, KIND_addr },
	{ __NR_brk, 0, KIND_addr },
	{ __NR_munmap, 0, KIND_addr },
	{ __NR_mremap, 3, KIND_mremap_flags },
	{ __NR_mremap, 4, KIND_addr },
	{ __NR_msync, 2, KIND_msync_flags },
	{ __NR_mlockall, 0, KIND_mlockall_flags },
	{ __NR_statx, 3, KIND_statx_mask },
	{ __NR_statx, 4, KIND_statx },
	{ __NR_unlinkat, 2, KIND_unlink_flags },
	{ __NR_faccessat2, 3, KIND_access_flags },
	{ __NR_openat2, 2, KIND_open_how },
	{ __NR_getrandom, 0, KIND_outbytes },
	{ __NR_getrandom, 2, KIND_random_flags },
	{ __NR_memfd_create, 1, KIND_memfd_flags },
	{ __NR_mount, 3, KIND_mount_flags },
	{ __NR_umount2, 1, KIND_umount_flags },
	{ __NR_close_range, 2, KIND_close_range_flags },
	{ __NR_clock_nanosleep, 1, KIND_timer_flags },
	{ __NR_fadvise64, 3, KIND_fadvice },
	{ __NR_fallocate, 1, KIND_fallocate_mode },
	{ __NR_sendfile, 2, KIND_long_at },
	{ __NR_copy_file_range, 1, KIND_long_at },
	{ __NR_copy_file_range, 3, KIND_long_at },
	{ __NR_getdents64, 1, KIND_entries },
	{ __NR_epoll_create1, 0, KIND_epoll_flags },
	{ __NR_epoll_pwait, 1, KIND_epoll_array },
	{ __NR_epoll_pwait2, 1, KIND_epoll_array },
	{ __NR_rt_sigaction, 2, KIND_sigaction_out },
	{ __NR_sigaltstack, 0, KIND_altstack },
	{ __NR_sigaltstack, 1, KIND_altstack_out },
	{ __NR_rt_sigtimedwait, 1, KIND_siginfo_out },
	{ __NR_waitid, 0, KIND_id_type },
	{ __NR_waitid, 2, KIND_siginfo_out },
	{ __NR_getrlimit, 1, KIND_rlimit_out },
	{ __NR_setrlimit, 1, TRACE_rlimit },
	{ __NR_prlimit64, 3, KIND_rlimit_out },
	{ __NR_getrusage, 0, KIND_rusage_who },
	{ __NR_getitimer, 0, KIND_itimer },
	{ __NR_getitimer, 1, KIND_itimerval_out },
	{ __NR_setitimer, 0, KIND_itimer },
	{ __NR_setitimer, 2, KIND_itimerval_out },
	{ __NR_timer_settime, 1, KIND_timer_flags },
	{ __NR_timer_settime, 2, KIND_itimerspec },
	{ __NR_timer_settime, 3, KIND_itimerspec_out },
	{ __NR_timer_gettime, 1, KIND_itimerspec_out },
	{ __NR_timer_create, 2, KIND_int_out },
	{ __NR_timerfd_settime, 1, KIND_timer_flags },
	{ __NR_timerfd_settime, 2, KIND_itimerspec },
	{ __NR_timerfd_settime, 3, KIND_itimerspec_out },
	{ __NR_timerfd_gettime, 1, KIND_itimerspec_out },
	{ __NR_gettimeofday, 0, KIND_timeval_out },
	{ __NR_getgroups, 1, KIND_uid_list_out },
	{ __NR_setgroups, 1, KIND_uid_list },
	{ __NR_getresuid, 0, KIND_int_out },
	{ __NR_getresuid, 1, KIND_int_out },
	{ __NR_getresuid, 2, KIND_int_out },
	{ __NR_getresgid, 0, KIND_int_out },
	{ __NR_getresgid, 1, KIND_int_out },
	{ __NR_getresgid, 2, KIND_int_out },
	{ __NR_sched_setaffinity, 2, KIND_hart_mask },
	{ __NR_sched_getaffinity, 2, KIND_hart_mask_out },
	{ __NR_sched_setscheduler, 1, KIND_policy },
	{ __NR_sched_getparam, 1, KIND_int_out },
	{ __NR_sched_get_priority_max, 0, KIND_policy },
	{ __NR_sched_get_priority_min, 0, KIND_policy },
	{ __NR_getpriority, 0, KIND_prio_which },
	{ __NR_setpriority, 0, KIND_prio_which },
	{ __NR_getcpu, 0, KIND_int_out },
	{ __NR_getcpu, 1, KIND_int_out },
	{ __NR_uname, 0, KIND_utsname_out },
	{ __NR_rseq, 2, KIND_rseq_flags },
	{ __NR_membarrier, 0, KIND_membarrier },
};

void call_refine(struct call *c)
{
	for (unsigned i = 0; i < ARRAY_SIZE(special); i++)
		if (special[i].nr == c->nr)
			c->kind[special[i].arg] = special[i].kind;
}

/* --- one argument -------------------------------------------------------------------------- */

/* The result filled what the argument points at? Else only its address can be told. */
static bool filled(struct line *l, const struct call *c, u64 addr)
{
	if (c->ret >= 0)
		return true;
	say_pointer(l, addr);
	return false;
}

static void say_futex_op(struct line *l, u32 op)
{
	say_names(l, &futex_op_names, op & (u32)FUTEX_CMD_MASK);
	if (op & FUTEX_PRIVATE_FLAG)
		line_puts(l, "_PRIVATE");
	if (op & FUTEX_CLOCK_REALTIME)
		line_puts(l, "|FUTEX_CLOCK_REALTIME");
}

static void say_fcntl_arg(struct line *l, u32 cmd, u64 arg)
{
	switch (cmd) {
	case F_SETFD:
		say_names(l, &fd_names, arg);
		break;
	case F_SETFL:
		say_open_flags(l, arg);
		break;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		say_flock(l, arg);
		break;
	case F_ADD_SEALS:
		say_names(l, &seal_names, arg);
		break;
	case F_SETSIG:
		say_signal(l, (int)arg);
		break;
	case F_SETOWN_EX:
	case F_GETOWN_EX:
		say_pointer(l, arg);
		break;
	default:
		line_printf(l, "%d", (int)arg);
	}
}

static void say_ioctl_arg(struct line *l, const struct call *c, u32 cmd, u64 arg)
{
	switch (cmd) {
	case TIOCGWINSZ:
		if (filled(l, c, arg))
			say_winsize(l, arg);
		break;
	case TIOCSWINSZ:
		say_winsize(l, arg);
		break;
	case TCGETS:
		if (filled(l, c, arg))
			say_termios(l, arg);
		break;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		say_termios(l, arg);
		break;
	case FIONREAD:
	case TIOCOUTQ:
	case TIOCGPGRP:
	case TIOCGSID:
	case TIOCGPTN:
		if (filled(l, c, arg))
			say_int_at(l, arg);
		break;
	case TIOCSPGRP:
	case FIONBIO:
	case TIOCSPTLCK:
		say_int_at(l, arg);
		break;
	default:
		say_pointer(l, arg);
	}
}

/* prctl's arguments beyond the option: only what the option takes. */
static void say_prctl_arg(struct line *l, const struct call *c, unsigned i)
{
	u64 v = c->args[i];

	switch (c->args[0]) {
	case PR_SET_NAME:
		say_path(l, v);
		break;
	case PR_GET_NAME:
		if (filled(l, c, v))
			say_path(l, v);
		break;
	case PR_SET_PDEATHSIG:
		say_signal(l, (int)v);
		break;
	default:
		line_printf(l, v > 9 ? "%#lx" : "%lu", v);
	}
}

static void say_signed(struct line *l, int v)
{
	line_printf(l, "%d", v);
}

static void say_arg_special(struct line *l, const struct call *c, unsigned i)
{
	u64 v = c->args[i];

	switch (c->kind[i]) {
	case KIND_addr:
		say_pointer(l, v);
		return;
	case KIND_altstack:
		say_altstack(l, v);
		return;
	case KIND_itimerspec:
		say_itimerspec(l, v);
		return;
	case KIND_long_at:
		say_long_at(l, v);
		return;
	case KIND_open_how:
		say_open_how(l, v, c->args[i + 1]);
		return;
	case KIND_hart_mask:
		say_hart_mask(l, v, c->args[1]);
		return;
	case KIND_uid_list:
		say_ints(l, v, c->args[0]);
		return;
	default:
		break;
	}
	if (!filled(l, c, v))
		return;
	switch (c->kind[i]) {
	case KIND_outbytes:
		say_bytes(l, v, (u64)c->ret);
		break;
	case KIND_statx:
		say_statx(l, v);
		break;
	case KIND_rlimit_out:
		say_rlimit(l, v);
		break;
	case KIND_sigaction_out:
		say_sigaction(l, v);
		break;
	case KIND_altstack_out:
		say_altstack(l, v);
		break;
	case KIND_timeval_out:
		say_timeval(l, v);
		break;
	case KIND_itimerval_out:
		say_itimerval(l, v);
		break;
	case KIND_itimerspec_out:
		say_itimerspec(l, v);
		break;
	case KIND_epoll_array:
		say_epoll_events(l, v, (u64)c->ret, true);
		break;
	case KIND_int_out:
		say_int_at(l, v);
		break;
	case KIND_uid_list_out:
		say_ints(l, v, c->args[0] ? (u64)c->ret : 0);
		break;
	case KIND_utsname_out:
		say_utsname(l, v);
		break;
	case KIND_entries:
		line_printf(l, "%#lx /* %s */", v, c->ret ? "entries" : "0 entries");
		break;
	case KIND_hart_mask_out:
		say_hart_mask(l, v, (u64)c->ret);
		break;
	case KIND_siginfo_out:
		say_siginfo(l, v);
		break;
	default:
		say_pointer(l, v);
	}
}

static void say_arg(struct line *l, const struct call *c, unsigned i)
{
	const struct names *names = names_of_kind(c->kind[i]);
	u64 v = c->args[i];

	if (names) {
		/* Narrow types: what stands above them is the caller's rubbish. */
		say_names(l, names, c->kind[i] == TRACE_accessmode && !(u32)v ? 0 : (u32)v);
		return;
	}
	switch (c->kind[i]) {
	case TRACE_int:
	case TRACE_fd:
	case TRACE_pid:
		say_signed(l, (int)v);
		break;
	case TRACE_dfd:
		if ((int)v == AT_FDCWD)
			line_puts(l, "AT_FDCWD");
		else
			say_signed(l, (int)v);
		break;
	case TRACE_uid:
		line_printf(l, (u32)v == ~0u ? "%d" : "%u", (u32)v);
		break;
	case TRACE_uint:
		line_printf(l, "%u", (u32)v);
		break;
	case TRACE_long:
	case TRACE_off:
		line_printf(l, "%ld", (s64)v);
		break;
	case TRACE_ulong:
	case TRACE_u64:
	case TRACE_size:
		line_printf(l, "%lu", v);
		break;
	case TRACE_hex:
		if (i && c->kind[i - 1] == TRACE_ioctlcmd)
			say_ioctl_arg(l, c, (u32)c->args[i - 1], v);
		else if (c->kind[0] == TRACE_prctlop)
			say_prctl_arg(l, c, i);
		else
			line_printf(l, v ? "%#lx" : "%lu", v);
		break;
	case TRACE_mode:
		say_mode(l, (u32)v);
		break;
	case TRACE_dev:
		line_printf(l, "makedev(%#x, %#x)", dev_major(v), dev_minor(v));
		break;
	case TRACE_sig:
		if ((int)v)
			say_signal(l, (int)v);
		else
			line_puts(l, "0");
		break;
	case TRACE_inbuf:
		say_bytes(l, v, i + 1 < c->nr_args ? c->args[i + 1] : 0);
		break;
	case TRACE_outbuf:
	case TRACE_outstr:
		/* getcwd(2)'s result counts the NUL. */
		if (filled(l, c, v))
			say_bytes(l, v, (u64)c->ret - (c->nr == __NR_getcwd && c->ret));
		break;
	case TRACE_path:
	case TRACE_str:
		say_path(l, v);
		break;
	case TRACE_strv:
		say_strings(l, v);
		break;
	case TRACE_envv:
		say_string_count(l, v);
		break;
	case TRACE_iovin:
		say_iovecs(l, v, c->args[i + 1], ~0UL);
		break;
	case TRACE_iovout:
		if (filled(l, c, v))
			say_iovecs(l, v, c->args[i + 1], (u64)c->ret);
		break;
	case TRACE_fdpair:
		if (filled(l, c, v))
			say_ints(l, v, 2);
		break;
	case TRACE_pollfds:
		say_pollfds(l, v, c->args[i + 1]);
		break;
	case TRACE_epollevent:
		say_epoll_events(l, v, 1, false);
		break;
	case TRACE_outwstatus:
		if (c->ret <= 0)
			say_pointer(l, v);
		else
			say_wait_status(l, v);
		break;
	case TRACE_timespec:
		say_timespec(l, v);
		break;
	case TRACE_timespec2:
		say_timespecs(l, v);
		break;
	case TRACE_outtimespec:
		if (filled(l, c, v))
			say_timespec(l, v);
		break;
	case TRACE_itimerval:
		say_itimerval(l, v);
		break;
	case TRACE_rlimit:
		say_rlimit(l, v);
		break;
	case TRACE_sigset:
		say_user_sigset(l, v);
		break;
	case TRACE_outsigset:
		if (filled(l, c, v))
			say_user_sigset(l, v);
		break;
	case TRACE_sigaction:
		say_sigaction(l, v);
		break;
	case TRACE_outstat:
		if (filled(l, c, v))
			say_stat(l, v);
		break;
	case TRACE_cloneargs:
		say_clone_args(l, v, c->args[i + 1]);
		break;
	case TRACE_oflags:
		/* Without an access mode: flags of calls that open nothing (pipe2, dup3). */
		if (c->nr == __NR_openat || c->nr == __NR_open_by_handle_at ||
		    c->nr == __NR_mq_open)
			say_open_flags(l, (u32)v);
		else if ((u32)v)
			say_extra_open_flags(l, (u32)v);
		else
			line_puts(l, "0");
		break;
	case TRACE_fcntlarg:
		say_fcntl_arg(l, (u32)c->args[i - 1], v);
		break;
	case TRACE_futexop:
		say_futex_op(l, (u32)v);
		break;
	case TRACE_cloneflags:
		say_names(l, &clone_names, v & ~(u64)CSIGNAL);
		break;
	case TRACE_ptr:
	case TRACE_outptr:
		say_pointer(l, v);
		break;
	default:
		say_arg_special(l, c, i);
	}
}

/* --- calls whose arguments depend on one another --------------------------------------------- */

static bool mode_follows(u64 flags)
{
	return flags & (O_CREAT | __O_TMPFILE);
}

/* How many arguments the call takes as it was made. */
static unsigned shown_args(const struct call *c)
{
	switch (c->nr) {
	case __NR_openat:
		return mode_follows(c->args[2]) ? 4 : 3;
	case __NR_mq_open:
		return c->args[1] & O_CREAT ? 4 : 2;
	case __NR_fcntl:
		switch ((u32)c->args[1]) {
		case F_GETFD:
		case F_GETFL:
		case F_GETOWN:
		case F_GETSIG:
		case F_GETLEASE:
		case F_GETPIPE_SZ:
		case F_GET_SEALS:
		case F_CREATED_QUERY:
			return 2;
		default:
			return 3;
		}
	case __NR_prctl:
		switch (c->args[0]) {
		case PR_GET_DUMPABLE:
		case PR_GET_KEEPCAPS:
		case PR_GET_SECUREBITS:
		case PR_GET_TIMERSLACK:
		case PR_GET_SECCOMP:
			return 1;
		case PR_SET_NAME:
		case PR_GET_NAME:
		case PR_SET_PDEATHSIG:
		case PR_GET_PDEATHSIG:
		case PR_SET_DUMPABLE:
		case PR_SET_KEEPCAPS:
		case PR_CAPBSET_READ:
		case PR_CAPBSET_DROP:
		case PR_SET_TIMERSLACK:
		case PR_SET_CHILD_SUBREAPER:
		case PR_GET_CHILD_SUBREAPER:
			return 2;
		default:
			return c->nr_args;
		}
	default:
		return c->nr_args;
	}
}

/* strace's order, and only what the flags ask for. */
static void say_clone(struct line *l, const struct call *c)
{
	u64 flags = c->args[0];

	line_puts(l, "child_stack=");
	say_pointer(l, c->args[1]);
	line_puts(l, ", flags=");
	if (flags & ~(u64)CSIGNAL)
		say_names(l, &clone_names, flags & ~(u64)CSIGNAL);
	if (flags & CSIGNAL) {
		line_puts(l, flags & ~(u64)CSIGNAL ? "|" : "");
		say_signal(l, (int)(flags & CSIGNAL));
	}
	if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD)) {
		line_puts(l, flags & CLONE_PIDFD ? ", pidfd=" : ", parent_tid=");
		if (filled(l, c, c->args[2]))
			say_int_at(l, c->args[2]);
	}
	if (flags & CLONE_SETTLS)
		line_printf(l, ", tls=%#lx", c->args[3]);
	if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
		line_printf(l, ", child_tidptr=%#lx", c->args[4]);
}

static void say_futex(struct line *l, const struct call *c)
{
	const u64 *a = c->args;
	u32 op = (u32)a[1] & (u32)FUTEX_CMD_MASK;

	say_pointer(l, a[0]);
	line_puts(l, ", ");
	say_futex_op(l, (u32)a[1]);
	if (op == FUTEX_UNLOCK_PI || op == FUTEX_TRYLOCK_PI)
		return;
	line_printf(l, ", %u", (u32)a[2]);
	switch (op) {
	case FUTEX_WAKE:
	case FUTEX_FD:
		break;
	case FUTEX_WAIT:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		line_puts(l, ", ");
		say_timespec(l, a[3]);
		break;
	case FUTEX_WAKE_BITSET:
		line_printf(l, ", %#x", (u32)a[5]);
		break;
	case FUTEX_WAIT_BITSET:
		line_puts(l, ", ");
		say_timespec(l, a[3]);
		line_puts(l, ", NULL, ");
		if ((u32)a[5] == FUTEX_BITSET_MATCH_ANY)
			line_puts(l, "FUTEX_BITSET_MATCH_ANY");
		else
			line_printf(l, "%#x", (u32)a[5]);
		break;
	case FUTEX_REQUEUE:
		line_printf(l, ", %u, %#lx", (u32)a[3], a[4]);
		break;
	default:
		line_printf(l, ", %u, %#lx, %#x", (u32)a[3], a[4], (u32)a[5]);
	}
}

void call_args(struct line *l, const struct call *c)
{
	unsigned n = shown_args(c);

	if (c->nr == __NR_clone) {
		say_clone(l, c);
		return;
	}
	if (c->nr == __NR_futex) {
		say_futex(l, c);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		if (i)
			line_puts(l, ", ");
		say_arg(l, c, i);
	}
}
