/*
 * Values in user memory, printed as strace does. Each is copied whole first;
 * what can't be read is printed as its address.
 */
#include "syscall/trace_impl.h"

#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/limits.h>
#include <uapi/poll.h>
#include <uapi/resource.h>
#include <uapi/sched.h>
#include <uapi/signal.h>
#include <uapi/stat.h>
#include <uapi/termios.h>
#include <uapi/time.h>
#include <uapi/uio.h>
#include <uapi/utsname.h>
#include <uapi/wait.h>

#include "lib/string.h"
#include "mm/usercopy.h"

static const void __user *user_ptr(u64 addr)
{
	return (const void __user *)addr;
}

void say_pointer(struct line *l, u64 addr)
{
	if (addr)
		line_printf(l, "%#lx", addr);
	else
		line_puts(l, "NULL");
}

/* True: *v is what is at addr. Else the address has been printed. */
static bool fetch(struct line *l, void *v, u64 addr, size_t n)
{
	if (addr && !copy_from_user(v, user_ptr(addr), n))
		return true;
	say_pointer(l, addr);
	return false;
}

/* --- text ------------------------------------------------------------------------ */

/* The letter of C's escape for c, or 0. */
static char escape_of(u8 c)
{
	switch (c) {
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\v':
		return 'v';
	case '\f':
		return 'f';
	case '\r':
		return 'r';
	case '"':
	case '\\':
		return (char)c;
	default:
		return 0;
	}
}

/* Quoted; octal escapes are as short as the byte behind them allows. */
static void say_quoted(struct line *l, const u8 *s, size_t n)
{
	line_puts(l, "\"");
	for (size_t i = 0; i < n; i++) {
		if (escape_of(s[i]))
			line_printf(l, "\\%c", escape_of(s[i]));
		else if (isprint_(s[i]))
			line_printf(l, "%c", s[i]);
		else if (i + 1 < n && s[i + 1] >= '0' && s[i + 1] <= '9')
			line_printf(l, "\\%03o", s[i]);
		else
			line_printf(l, "\\%o", s[i]);
	}
	line_puts(l, "\"");
}

void say_bytes(struct line *l, u64 addr, u64 n)
{
	u8 buf[TRACE_BYTES];
	size_t want = min(n, (u64)sizeof(buf));

	if (!addr) {
		line_puts(l, "NULL");
		return;
	}
	if (copy_from_user(buf, user_ptr(addr), want)) {
		say_pointer(l, addr);
		return;
	}
	say_quoted(l, buf, want);
	if (n > want)
		line_puts(l, "...");
}

/* A string up to its NUL, at most `most` bytes of it. */
static void say_string(struct line *l, u64 addr, size_t most)
{
	u8 buf[TRACE_BYTES], c;
	size_t done = 0;
	bool ended = false;

	if (!addr || get_user_u8(&c, user_ptr(addr))) {
		say_pointer(l, addr);
		return;
	}
	if (most <= sizeof(buf)) {
		while (done < most && !get_user_u8(&c, user_ptr(addr + done)) && c)
			buf[done++] = c;
		ended = done < most || (!get_user_u8(&c, user_ptr(addr + done)) && !c);
		say_quoted(l, buf, done);
		if (!ended)
			line_puts(l, "...");
		return;
	}
	/* A path: whole, in pieces that join behind one pair of quotes. */
	{
		char path[256];
		ssize_t n = strncpy_from_user(path, user_ptr(addr), sizeof(path));

		if (n == -EFAULT) {
			say_pointer(l, addr);
			return;
		}
		say_quoted(l, (const u8 *)path, n < 0 ? sizeof(path) : (size_t)n);
		if (n < 0)
			line_puts(l, "...");
	}
}

void say_path(struct line *l, u64 addr)
{
	say_string(l, addr, PATH_MAX);
}

void say_strings(struct line *l, u64 addr)
{
	u64 s;

	if (!fetch(l, &s, addr, sizeof(s)))
		return;
	line_puts(l, "[");
	for (unsigned i = 0;; i++) {
		if (get_user_u64(&s, user_ptr(addr + i * 8)) || !s)
			break;
		line_puts(l, i ? ", " : "");
		if (i == 2 * TRACE_ITEMS) {
			line_puts(l, "...");
			break;
		}
		say_string(l, s, TRACE_BYTES);
	}
	line_puts(l, "]");
}

void say_string_count(struct line *l, u64 addr)
{
	unsigned n = 0;
	u64 s;

	say_pointer(l, addr);
	if (!addr)
		return;
	while (n < 100000 && !get_user_u64(&s, user_ptr(addr + n * 8)) && s)
		n++;
	line_printf(l, " /* %u var%s */", n, n == 1 ? "" : "s");
}

void say_iovecs(struct line *l, u64 addr, u64 n, u64 bytes)
{
	struct iovec v;

	if (!n) {
		line_puts(l, "[]");
		return;
	}
	if (!fetch(l, &v, addr, sizeof(v)))
		return;
	line_puts(l, "[");
	for (u64 i = 0; i < n; i++) {
		u64 there;

		line_puts(l, i ? ", " : "");
		if (i == TRACE_ITEMS ||
		    copy_from_user(&v, user_ptr(addr + i * sizeof(v)), sizeof(v))) {
			line_puts(l, "...");
			break;
		}
		there = min((u64)v.iov_len, bytes);
		bytes -= there;
		line_puts(l, "{iov_base=");
		say_bytes(l, (__force u64)v.iov_base, there);
		line_printf(l, ", iov_len=%lu}", (u64)v.iov_len);
	}
	line_puts(l, "]");
}

/* --- numbers ----------------------------------------------------------------------- */

void say_ints(struct line *l, u64 addr, u64 n)
{
	u32 v;

	if (!n) {
		line_puts(l, addr ? "[]" : "NULL");
		return;
	}
	if (!fetch(l, &v, addr, sizeof(v)))
		return;
	line_puts(l, "[");
	for (u64 i = 0; i < n; i++) {
		line_puts(l, i ? ", " : "");
		if (i == TRACE_ITEMS || get_user_u32(&v, user_ptr(addr + i * 4))) {
			line_puts(l, "...");
			break;
		}
		line_printf(l, "%d", (int)v);
	}
	line_puts(l, "]");
}

void say_int_at(struct line *l, u64 addr)
{
	say_ints(l, addr, 1);
}

void say_long_at(struct line *l, u64 addr)
{
	s64 v;

	if (fetch(l, &v, addr, sizeof(v)))
		line_printf(l, "[%ld]", v);
}

void say_hart_mask(struct line *l, u64 addr, u64 n)
{
	const char *sep = "";
	u64 mask = 0;

	if (!fetch(l, &mask, addr, min(n, (u64)sizeof(mask))))
		return;
	line_puts(l, "[");
	for (unsigned i = 0; i < 64; i++) {
		if (mask >> i & 1) {
			line_printf(l, "%s%u", sep, i);
			sep = " ";
		}
	}
	line_puts(l, "]");
}

/* --- time --------------------------------------------------------------------------- */

static void one_timespec(struct line *l, const struct timespec *t)
{
	line_printf(l, "{tv_sec=%ld, tv_nsec=%ld}", (s64)t->tv_sec, (s64)t->tv_nsec);
}

static void one_timeval(struct line *l, const struct timeval *t)
{
	line_printf(l, "{tv_sec=%ld, tv_usec=%ld}", (s64)t->tv_sec, (s64)t->tv_usec);
}

void say_timespec(struct line *l, u64 addr)
{
	struct timespec t;

	if (fetch(l, &t, addr, sizeof(t)))
		one_timespec(l, &t);
}

void say_timespecs(struct line *l, u64 addr)
{
	struct timespec t[2];

	if (!fetch(l, t, addr, sizeof(t)))
		return;
	for (unsigned i = 0; i < 2; i++) {
		line_puts(l, i ? ", " : "[");
		if (t[i].tv_nsec == UTIME_NOW)
			line_puts(l, "UTIME_NOW");
		else if (t[i].tv_nsec == UTIME_OMIT)
			line_puts(l, "UTIME_OMIT");
		else
			one_timespec(l, &t[i]);
	}
	line_puts(l, "]");
}

void say_timeval(struct line *l, u64 addr)
{
	struct timeval t;

	if (fetch(l, &t, addr, sizeof(t)))
		one_timeval(l, &t);
}

void say_itimerval(struct line *l, u64 addr)
{
	struct itimerval t;

	if (!fetch(l, &t, addr, sizeof(t)))
		return;
	line_puts(l, "{it_interval=");
	one_timeval(l, &t.it_interval);
	line_puts(l, ", it_value=");
	one_timeval(l, &t.it_value);
	line_puts(l, "}");
}

void say_itimerspec(struct line *l, u64 addr)
{
	struct itimerspec t;

	if (!fetch(l, &t, addr, sizeof(t)))
		return;
	line_puts(l, "{it_interval=");
	one_timespec(l, &t.it_interval);
	line_puts(l, ", it_value=");
	one_timespec(l, &t.it_value);
	line_puts(l, "}");
}

/* --- limits and signals ---------------------------------------------------------------- */

static void one_limit(struct line *l, const char *name, u64 v)
{
	if (v == RLIM_INFINITY)
		line_printf(l, "%s=RLIM64_INFINITY", name);
	else if (v > 1024 && v % 1024 == 0)
		line_printf(l, "%s=%lu*1024", name, v / 1024);
	else
		line_printf(l, "%s=%lu", name, v);
}

void say_rlimit(struct line *l, u64 addr)
{
	struct rlimit r;

	if (!fetch(l, &r, addr, sizeof(r)))
		return;
	one_limit(l, "{rlim_cur", r.rlim_cur);
	one_limit(l, ", rlim_max", r.rlim_max);
	line_puts(l, "}");
}

void say_user_sigset(struct line *l, u64 addr)
{
	u64 set;

	if (fetch(l, &set, addr, sizeof(set)))
		say_sigset(l, set);
}

void say_sigaction(struct line *l, u64 addr)
{
	struct sigaction sa;

	if (!fetch(l, &sa, addr, sizeof(sa)))
		return;
	line_puts(l, sa.sa_flags & SA_SIGINFO ? "{sa_sigaction=" : "{sa_handler=");
	if (sa.sa_handler == SIG_DFL)
		line_puts(l, "SIG_DFL");
	else if (sa.sa_handler == SIG_IGN)
		line_puts(l, "SIG_IGN");
	else
		line_printf(l, "%#lx", (u64)sa.sa_handler);
	line_puts(l, ", sa_mask=");
	say_sigset(l, sa.sa_mask);
	line_puts(l, ", sa_flags=");
	say_names(l, &sa_names, sa.sa_flags);
	line_puts(l, "}");
}

void say_altstack(struct line *l, u64 addr)
{
	stack_t ss;

	if (!fetch(l, &ss, addr, sizeof(ss)))
		return;
	line_puts(l, "{ss_sp=");
	say_pointer(l, (__force u64)ss.ss_sp);
	line_puts(l, ", ss_flags=");
	say_names(l, &ss_names, (u32)ss.ss_flags);
	line_printf(l, ", ss_size=%lu}", (u64)ss.ss_size);
}

void say_siginfo(struct line *l, u64 addr)
{
	siginfo_t si;

	if (!fetch(l, &si, addr, sizeof(si)))
		return;
	line_puts(l, "{si_signo=");
	say_signal(l, si.si_signo);
	line_printf(l, ", si_code=%d, si_pid=%d, si_uid=%u", si.si_code, si.si_pid, si.si_uid);
	if (si.si_signo == SIGCHLD)
		line_printf(l, ", si_status=%d, si_utime=%ld, si_stime=%ld", si.si_status,
			    si.si_utime, si.si_stime);
	line_puts(l, "}");
}

void say_wait_status(struct line *l, u64 addr)
{
	u32 s;

	if (!fetch(l, &s, addr, sizeof(s)))
		return;
	if ((s & 0x7f) == 0) {
		line_printf(l, "[{WIFEXITED(s) && WEXITSTATUS(s) == %u}]", s >> 8 & 0xff);
	} else if (s == 0xffff) {
		line_puts(l, "[{WIFCONTINUED(s)}]");
	} else if ((s & 0xff) == 0x7f) {
		line_puts(l, "[{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		say_signal(l, (int)(s >> 8 & 0xff));
		line_puts(l, "}]");
	} else {
		line_puts(l, "[{WIFSIGNALED(s) && WTERMSIG(s) == ");
		say_signal(l, (int)(s & 0x7f));
		line_puts(l, s & 0x80 ? " && WCOREDUMP(s)}]" : "}]");
	}
}

/* --- files --------------------------------------------------------------------------------- */

void say_mode(struct line *l, u32 mode)
{
	if (mode & S_IFMT) {
		say_names(l, &file_type_names, mode & S_IFMT);
		line_puts(l, "|");
	}
	line_printf(l, "0%02o", mode & ~(u32)S_IFMT);
}

void say_stat(struct line *l, u64 addr)
{
	struct stat st;

	if (!fetch(l, &st, addr, sizeof(st)))
		return;
	line_puts(l, "{st_mode=");
	say_mode(l, st.st_mode);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		line_printf(l, ", st_rdev=makedev(%#x, %#x), ...}", dev_major(st.st_rdev),
			    dev_minor(st.st_rdev));
	else
		line_printf(l, ", st_size=%ld, ...}", (s64)st.st_size);
}

void say_statx(struct line *l, u64 addr)
{
	struct statx st;

	if (!fetch(l, &st, addr, sizeof(st)))
		return;
	line_puts(l, "{stx_mask=");
	say_names(l, &statx_names, st.stx_mask);
	line_printf(l, ", stx_attributes=%#lx, stx_mode=", (u64)st.stx_attributes);
	say_mode(l, st.stx_mode);
	line_printf(l, ", stx_size=%lu, ...}", (u64)st.stx_size);
}

void say_flock(struct line *l, u64 addr)
{
	struct flock f;

	if (!fetch(l, &f, addr, sizeof(f)))
		return;
	line_puts(l, "{l_type=");
	say_names(l, &lock_type_names, (u16)f.l_type);
	line_puts(l, ", l_whence=");
	say_names(l, &seek_names, (u16)f.l_whence);
	line_printf(l, ", l_start=%ld, l_len=%ld}", (s64)f.l_start, (s64)f.l_len);
}

void say_open_how(struct line *l, u64 addr, u64 size)
{
	struct open_how how = { 0 };

	if (!fetch(l, &how, addr, min(size, (u64)sizeof(how))))
		return;
	line_puts(l, "{flags=");
	say_open_flags(l, how.flags);
	if (how.flags & (O_CREAT | __O_TMPFILE))
		line_printf(l, ", mode=0%02lo", (u64)how.mode);
	line_puts(l, ", resolve=");
	say_names(l, &resolve_names, how.resolve);
	line_puts(l, "}");
}

void say_winsize(struct line *l, u64 addr)
{
	struct winsize w;

	if (fetch(l, &w, addr, sizeof(w)))
		line_printf(l, "{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}", w.ws_row,
			    w.ws_col, w.ws_xpixel, w.ws_ypixel);
}

void say_termios(struct line *l, u64 addr)
{
	struct termios t;

	if (!fetch(l, &t, addr, sizeof(t)))
		return;
	line_puts(l, "{c_iflag=");
	say_names(l, &tty_in_names, t.c_iflag);
	line_puts(l, ", c_oflag=");
	say_names(l, &tty_out_names, t.c_oflag);
	line_printf(l, ", c_cflag=%#x, c_lflag=", t.c_cflag);
	say_names(l, &tty_local_names, t.c_lflag);
	line_puts(l, ", ...}");
}

/* --- polling ------------------------------------------------------------------------------------ */

void say_pollfds(struct line *l, u64 addr, u64 n)
{
	struct pollfd p;

	if (!n) {
		line_puts(l, addr ? "[]" : "NULL");
		return;
	}
	if (!fetch(l, &p, addr, sizeof(p)))
		return;
	line_puts(l, "[");
	for (u64 i = 0; i < n; i++) {
		line_puts(l, i ? ", " : "");
		if (i == TRACE_ITEMS ||
		    copy_from_user(&p, user_ptr(addr + i * sizeof(p)), sizeof(p))) {
			line_puts(l, "...");
			break;
		}
		line_printf(l, "{fd=%d", p.fd);
		if (p.fd >= 0) {
			line_puts(l, ", events=");
			say_names(l, &poll_names, (u16)p.events);
		}
		line_puts(l, "}");
	}
	line_puts(l, "]");
}

void say_ready_fds(struct line *l, u64 addr, u64 n)
{
	const char *sep = "";
	struct pollfd p;

	line_puts(l, " ([");
	for (u64 i = 0; i < min(n, (u64)4 * TRACE_ITEMS); i++) {
		if (copy_from_user(&p, user_ptr(addr + i * sizeof(p)), sizeof(p)))
			break;
		if (!p.revents)
			continue;
		line_printf(l, "%s{fd=%d, revents=", sep, p.fd);
		say_names(l, &poll_names, (u16)p.revents);
		line_puts(l, "}");
		sep = ", ";
	}
	line_puts(l, "])");
}

void say_epoll_events(struct line *l, u64 addr, u64 n, bool array)
{
	struct epoll_event e;

	if (array && !n) {
		line_puts(l, "[]");
		return;
	}
	if (!fetch(l, &e, addr, sizeof(e)))
		return;
	line_puts(l, array ? "[" : "");
	for (u64 i = 0; i < n; i++) {
		line_puts(l, i ? ", " : "");
		if (i == TRACE_ITEMS ||
		    copy_from_user(&e, user_ptr(addr + i * sizeof(e)), sizeof(e))) {
			line_puts(l, "...");
			break;
		}
		line_puts(l, "{events=");
		say_names(l, &epoll_names, e.events);
		line_printf(l, ", data=%#lx}", (u64)e.data);
	}
	line_puts(l, array ? "]" : "");
}

/* --- processes and the system ----------------------------------------------------------------------- */

void say_clone_args(struct line *l, u64 addr, u64 size)
{
	struct clone_args a = { 0 };

	if (!fetch(l, &a, addr, min(size, (u64)sizeof(a))))
		return;
	line_puts(l, "{flags=");
	say_names(l, &clone_names, a.flags);
	if (a.flags & CLONE_PIDFD)
		line_printf(l, ", pidfd=%#lx", (u64)a.pidfd);
	if (a.flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
		line_printf(l, ", child_tid=%#lx", (u64)a.child_tid);
	if (a.flags & CLONE_PARENT_SETTID)
		line_printf(l, ", parent_tid=%#lx", (u64)a.parent_tid);
	line_puts(l, ", exit_signal=");
	say_signal(l, (int)a.exit_signal);
	line_puts(l, ", stack=");
	say_pointer(l, a.stack);
	line_printf(l, ", stack_size=%#lx", (u64)a.stack_size);
	if (a.flags & CLONE_SETTLS)
		line_printf(l, ", tls=%#lx", (u64)a.tls);
	line_puts(l, "}");
}

void say_utsname(struct line *l, u64 addr)
{
	struct utsname u;

	if (!fetch(l, &u, addr, sizeof(u)))
		return;
	u.sysname[64] = u.nodename[64] = '\0';
	line_printf(l, "{sysname=\"%s\", nodename=\"%s\", ...}", u.sysname, u.nodename);
}
