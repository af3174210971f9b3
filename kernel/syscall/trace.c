/*
 * The system-call tracer: see trace.h, and docs/tracing.md for what the lines
 * look like. A call is told of in one line when it has returned; exit and
 * exit_group, which do not return, at entry, and execve keeps its arguments
 * from entry, since the memory they are in goes. A line is built in memory of
 * its own and logged in one piece, so lines of different harts stay apart.
 */
#include "syscall/trace.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "sync/log.h"
#include "syscall/trace_impl.h"

bool trace_all;

/* --- the line ---------------------------------------------------------------------- */

void line_printf(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (l->len >= l->limit)
		return;
	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, l->limit - l->len, fmt, ap);
	va_end(ap);
	if (l->len + (size_t)n < l->limit) {
		l->len += (size_t)n;
		return;
	}
	/* Cut: the end says so, and nothing more is taken. */
	memcpy(l->text + l->limit - 4, "...", 4);
	l->len = l->limit;
}

void line_puts(struct line *l, const char *s)
{
	line_printf(l, "%s", s);
}

/* --- the result --------------------------------------------------------------------------------- */

static const char *restart_text(long err)
{
	switch (err) {
	case ERESTARTSYS:
		return "ERESTARTSYS (To be restarted if SA_RESTART is set)";
	case ERESTARTNOINTR:
		return "ERESTARTNOINTR (To be restarted)";
	case ERESTARTNOHAND:
		return "ERESTARTNOHAND (To be restarted if no handler)";
	case ERESTART_RESTARTBLOCK:
		return "ERESTART_RESTARTBLOCK (Interrupted by signal)";
	default:
		return NULL;
	}
}

static bool returns_address(unsigned long nr)
{
	return nr == __NR_mmap || nr == __NR_brk || nr == __NR_mremap || nr == __NR_shmat;
}

static void say_success(struct line *l, const struct call *c)
{
	if (returns_address(c->nr)) {
		line_printf(l, "%#lx", (u64)c->ret);
	} else if (c->nr == __NR_fcntl && (u32)c->args[1] == F_GETFL) {
		line_printf(l, "%#lx (flags ", (u64)c->ret);
		say_open_flags(l, (u64)c->ret);
		line_puts(l, ")");
	} else if (c->nr == __NR_fcntl && (u32)c->args[1] == F_GETFD && c->ret) {
		line_printf(l, "%#lx (flags ", (u64)c->ret);
		say_names(l, &fd_names, (u64)c->ret);
		line_puts(l, ")");
	} else if (c->nr == __NR_umask) {
		line_printf(l, "0%02lo", (u64)c->ret);
	} else if (c->nr == __NR_ppoll || c->nr == __NR_pselect6) {
		line_printf(l, "%ld", c->ret);
		if (!c->ret)
			line_puts(l, " (Timeout)");
		else if (c->nr == __NR_ppoll)
			say_ready_fds(l, c->args[0], c->args[1]);
	} else {
		line_printf(l, "%ld", c->ret);
	}
}

static void say_result(struct line *l, const struct call *c)
{
	const char *restart = restart_text(-c->ret);

	l->limit = sizeof(l->text);
	line_puts(l, ") = ");
	if (restart)
		line_printf(l, "? %s", restart);
	else if (c->ret < 0 && c->ret >= -MAX_ERRNO)
		line_printf(l, "-1 %s (%s)",
			    errno_name((int)-c->ret) ? errno_name((int)-c->ret) : "E???",
			    errno_text((int)-c->ret) ? errno_text((int)-c->ret) : "Unknown error");
	else
		say_success(l, c);
}

/* --- entry and exit -------------------------------------------------------------------------------- */

static void call_init(struct call *c, unsigned long nr, const u64 *args, long ret)
{
	const struct trace_desc *d = nr < NR_SYSCALLS && trace_table[nr].name ? &trace_table[nr] :
										NULL;

	*c = (struct call){ .nr = nr, .args = args, .ret = ret, .nr_args = d ? d->nr_args : 6 };
	for (unsigned i = 0; i < 6; i++)
		c->kind[i] = d ? d->kind[i] : TRACE_hex;
	call_refine(c);
}

/* "openat(..." without the closing parenthesis; NULL: no memory, and the log says so. */
static struct line *begin(const struct call *c)
{
	const char *name = c->nr < NR_SYSCALLS ? trace_table[c->nr].name : NULL;
	struct line *l = kmalloc(sizeof(*l), 0);

	if (!l) {
		pr_info("strace: [pid %d] %s(...) = %ld (no memory to tell more)",
			task_tid(current), name ? name : "syscall", c->ret);
		return NULL;
	}
	l->len = 0;
	l->limit = sizeof(l->text) - TRACE_TAIL;
	if (name)
		line_printf(l, "%s(", name);
	else
		line_printf(l, "syscall_%#lx(", c->nr);
	call_args(l, c);
	return l;
}

static void finish(struct line *l)
{
	l->text[min(l->len, sizeof(l->text) - 1)] = '\0';
	pr_info("strace: [pid %d] %s", task_tid(current), l->text);
	kfree(l);
}

/* Process 1 and what it forks are not told of, until they run another program. */
static bool is_quiet(const struct task *t)
{
	return t->proc == init_proc || (t->flags & TF_OF_INIT);
}

struct line *trace_enter(unsigned long nr, const u64 *args)
{
	struct call c;
	struct line *l;

	if (is_quiet(current) && nr != __NR_execve && nr != __NR_execveat)
		return NULL;
	if (nr != __NR_execve && nr != __NR_execveat && nr != __NR_exit && nr != __NR_exit_group)
		return NULL;
	call_init(&c, nr, args, 0);
	l = begin(&c);
	if (!l || nr == __NR_execve || nr == __NR_execveat)
		return l;
	l->limit = sizeof(l->text);
	line_puts(l, ") = ?");
	finish(l);
	return NULL;
}

void trace_leave(unsigned long nr, const u64 *args, long ret, struct line *l)
{
	struct call c;

	if (is_quiet(current)) {
		kfree(l);
		return;
	}
	call_init(&c, nr, args, ret);
	if (!l)
		l = begin(&c);
	if (!l)
		return;
	say_result(l, &c);
	finish(l);
}
