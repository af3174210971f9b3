/*
 * See trace.h. A record is built in memory of its own, piece after piece of the program's memory:
 * u64 address, u32 length, and the bytes. What cannot be read is left out, and the host shows the
 * address. Nothing is locked; another thread may change what is being read.
 */
#include "syscall/trace.h"

#include <compiler.h>
#include <uapi/uio.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "debug/tracepoint.h"
#include "lib/string.h"
#include "mm/usercopy.h"

#define RECORD_SIZE 16384
#define SHOWN	    33 /* bytes of a string or buffer, and one to see that there are more */
#define ITEMS	    33 /* elements of an array */
#define SIGMASK_AT \
	168 /* of the frame that rt_sigreturn(2) takes away: behind siginfo_t, in ucontext */

struct record {
	size_t len;
	u8 bytes[RECORD_SIZE];
};

static const void __user *user_ptr(u64 addr)
{
	return (const void __user *)addr;
}

static void put(struct record *r, const void *p, size_t n)
{
	if (r->len + n > sizeof(r->bytes))
		return;
	memcpy(r->bytes + r->len, p, n);
	r->len += n;
}

static void put_u64(struct record *r, u64 v)
{
	put(r, &v, sizeof(v));
}

/* A piece that stands for what is at addr. */
static void put_piece(struct record *r, u64 addr, const void *p, u32 n)
{
	if (!n || r->len + 12 + n > sizeof(r->bytes))
		return;
	put_u64(r, addr);
	put(r, &n, sizeof(n));
	put(r, p, n);
}

/* n bytes at addr, or as many as can be read. */
static void capture(struct record *r, u64 addr, size_t n)
{
	size_t room = sizeof(r->bytes) - r->len, got;
	u32 len;

	if (!addr || room < 12)
		return;
	got = copy_from_user_partial(r->bytes + r->len + 12, user_ptr(addr), min(n, room - 12));
	if (!got)
		return;
	len = (u32)got;
	put_u64(r, addr);
	put(r, &len, sizeof(len));
	r->len += got;
}

/* A string with its NUL, or its first `limit` bytes. */
static void capture_string(struct record *r, u64 addr, size_t limit)
{
	ssize_t n = addr ? strnlen_user(user_ptr(addr), limit) : -1;

	capture(r, addr, n < 0 ? limit : min((size_t)n, limit));
}

static void capture_strings(struct record *r, u64 addr)
{
	u64 s = 0;

	for (unsigned i = 0; i < ITEMS && !get_user_u64(&s, user_ptr(addr + i * 8)); i++) {
		put_piece(r, addr + i * 8, &s, sizeof(s));
		if (!s)
			break;
		capture_string(r, s, SHOWN);
	}
}

static void capture_pointer_count(struct record *r, u64 addr)
{
	u32 n = 0;
	u64 s;

	while (addr && n < 100000 && !get_user_u64(&s, user_ptr(addr + n * 8UL)) && s)
		n++;
	put_piece(r, addr, &n, sizeof(n));
}

static void capture_entries(struct record *r, u64 addr, u64 bytes)
{
	u32 n = 0, word;

	for (u64 at = 0; at + 24 <= bytes; n++) {
		/* d_reclen is at 16: a word of its own alignment. */
		if (get_user_u32(&word, user_ptr(addr + at + 16)) || !(word & 0xffff))
			break;
		at += word & 0xffff;
	}
	put_piece(r, addr, &n, sizeof(n));
}

/* Of the buffers, `bytes` in all are there. */
static void capture_iovecs(struct record *r, u64 addr, u64 n, u64 bytes)
{
	struct iovec v;

	for (u64 i = 0; addr && i < min(n, (u64)ITEMS); i++) {
		u64 at = addr + i * sizeof(v), there;

		if (copy_from_user(&v, user_ptr(at), sizeof(v)))
			break;
		put_piece(r, at, &v, sizeof(v));
		there = min((u64)v.iov_len, bytes);
		bytes -= there;
		if (there)
			capture(r, (__force u64)v.iov_base, min(there, (u64)SHOWN));
	}
}

static void capture_message(struct record *r, u64 addr, u64 bytes)
{
	struct {
		u64 name;
		u32 namelen, pad;
		u64 iov, iovlen, control, controllen;
		u64 flags;
	} m;

	if (!addr || copy_from_user(&m, user_ptr(addr), sizeof(m)))
		return;
	put_piece(r, addr, &m, sizeof(m));
	capture(r, m.name, min(m.namelen, 128U));
	capture_iovecs(r, m.iov, m.iovlen, bytes);
	capture(r, m.control, min(m.controllen, (u64)256));
}

static void capture_messages(struct record *r, u64 addr, u64 n, bool out)
{
	for (u64 i = 0; i < min(n, (u64)ITEMS); i++) {
		u64 at = addr + i * 64;
		u32 len = ~0U;

		if (out && get_user_u32(&len, user_ptr(at + 56)))
			break;
		capture_message(r, at, len);
		capture(r, at + 56, 8);
	}
}

static u64 count_of(const struct trace_capture *c, const u64 *args, long ret)
{
	u32 v = 0;

	if (c->count < COUNT_ONE)
		return args[c->count];
	if (c->count == COUNT_ONE)
		return 1;
	if (c->count == COUNT_RESULT)
		return ret > 0 ? (u64)ret : 0;
	return get_user_u32(&v, user_ptr(args[c->count - COUNT_AT(0)])) ? 0 : v;
}

static void capture_arg(struct record *r, const struct trace_capture *c, const u64 *args, bool out,
			long ret)
{
	u64 addr = args[c->arg], count = count_of(c, args, ret),
	    bytes = out ? (ret > 0 ? (u64)ret : 0) : ~0UL;

	switch (c->shape) {
	case CAPTURE_BYTES:
		count = min(count, (u64)c->limit);
		capture(r, addr, min(c->base + count * c->unit, (u64)c->limit));
		break;
	case CAPTURE_STRING:
		capture_string(r, addr, c->limit);
		break;
	case CAPTURE_STRV:
		capture_strings(r, addr);
		break;
	case CAPTURE_ENVV:
		capture_pointer_count(r, addr);
		break;
	case CAPTURE_IOVEC:
		capture_iovecs(r, addr, count, bytes);
		break;
	case CAPTURE_MSGHDR:
		capture_message(r, addr, bytes);
		break;
	case CAPTURE_MMSGHDR:
		capture_messages(r, addr, count, out);
		break;
	case CAPTURE_SIGSET_ARG:
		capture(r, addr, 16);
		if (addr && !get_user_u64(&addr, user_ptr(addr)))
			capture(r, addr, 8);
		break;
	case CAPTURE_CLONE_ARGS:
		capture(r, addr, min(count, 128UL));
		/* pidfd and parent_tid. */
		for (unsigned at = 8; out && at <= 24; at += 16)
			if (!get_user_u64(&bytes, user_ptr(addr + at)))
				capture(r, bytes, 4);
		break;
	case CAPTURE_FDSET:
		capture(r, addr, ALIGN_UP(min(count, 1024UL), 64UL) / 8);
		break;
	case CAPTURE_DIRENTS:
		capture_entries(r, addr, count);
		break;
	}
}

static void tell(enum strace_type type, unsigned long nr, const u64 *args, long ret)
{
	const struct trace_desc *d = nr < NR_SYSCALLS ? &trace_table[nr] : NULL;
	bool out = type == STRACE_LEAVE;
	struct record *r = kmalloc(sizeof(*r), 0);

	if (!r)
		return; /* the host sees a call without its end, or an end without its call */
	r->len = 0;
	put_u64(r, nr);
	if (out)
		put_u64(r, (u64)ret);
	else
		put(r, args, 6 * sizeof(*args));
	for (unsigned i = 0; d && i < d->nr_captures; i++) {
		const struct trace_capture *c = &trace_captures[d->first + i];

		if (c->when & (out ? CAPTURE_OUT : CAPTURE_IN))
			capture_arg(r, c, args, out, ret);
	}
	if (nr == __NR_rt_sigreturn && !out)
		capture(r, task_frame(current)->sp + SIGMASK_AT, 8);
	strace_send(type, r->bytes, r->len);
	kfree(r);
}

/*
 * Process 1 and what it forks are not told of until they run another program; the host leaves
 * out an execve of theirs that fails.
 */
static bool is_told(unsigned long nr)
{
	return strace_on && (task_straced(current) || nr == __NR_execve || nr == __NR_execveat);
}

void trace_enter(unsigned long nr, const u64 *args)
{
	if (unlikely(tracepoints_on))
		tracepoint_record_call(nr, args);
	if (is_told(nr))
		tell(STRACE_ENTER, nr, args, 0);
}

void trace_leave(unsigned long nr, const u64 *args, long ret)
{
	tracepoint(TP_RETURN, nr, (u64)ret);
	/* Who dies in a call, by its own hand too, does not come back from it. */
	if (is_told(nr) && !fatal_signal_pending(current))
		tell(STRACE_LEAVE, nr, args, ret);
}
