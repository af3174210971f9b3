/*
 * TCP's memory: what buffers may take each and all together (tcp_mem), how large a window they
 * promise, and how they grow with what the path carries (dynamic right-sizing).
 *
 * A socket takes from the system's account in steps, so that most charges touch only itself.
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <bitops.h>

#include "alloc/page.h"

#define STEP 65536 /* bytes taken or given back at a time */

struct tcp_budget tcp_budget;

static u64 limit(int i)
{
	return (u64)(u32)READ_ONCE(tcp_sysctl.mem[i]) * PAGE_SIZE;
}

bool tcp_mem_over(void)
{
	return (u64)atomic_long_read(&tcp_budget.bytes) > limit(2);
}

bool tcp_mem_charge(struct tcp_sock *ts, u32 n, bool force)
{
	u64 used;
	u32 step;

	if (likely(ts->mem_reserved >= n)) {
		ts->mem_reserved -= n;
		return true;
	}
	step = ALIGN_UP(n - ts->mem_reserved, STEP);
	used = (u64)atomic_long_add_return(&tcp_budget.bytes, step);
	if (unlikely(used > limit(0))) {
		WRITE_ONCE(tcp_budget.pressure, used > limit(1));
		if (used > limit(2) && !force) {
			/* What a socket holds at least is never refused. */
			if (ts->rmem + ts->wmem >= (u32)ts->tn->conf->rmem[0]) {
				atomic_long_sub(&tcp_budget.bytes, step);
				return false;
			}
		}
	} else if (tcp_budget.pressure) {
		WRITE_ONCE(tcp_budget.pressure, false);
	}
	ts->mem_reserved += step - n;
	return true;
}

void tcp_mem_uncharge(struct tcp_sock *ts, u32 n)
{
	ts->mem_reserved += n;
	if (ts->mem_reserved < 2 * STEP && !(tcp_budget.pressure && ts->mem_reserved >= STEP))
		return;
	n = ALIGN_DOWN(ts->mem_reserved, STEP);
	if (!tcp_budget.pressure)
		n -= STEP;
	ts->mem_reserved -= n;
	atomic_long_sub(&tcp_budget.bytes, n);
}

void tcp_mem_release(struct tcp_sock *ts)
{
	atomic_long_sub(&tcp_budget.bytes, ts->mem_reserved);
	ts->mem_reserved = 0;
}

/* --- windows --- */

/* Half of what is there: the other half is for what a packet counts beside its payload. */
static u32 tcp_win_from_space(u32 space)
{
	return space - (space >> 1);
}

u32 tcp_space(const struct tcp_sock *ts)
{
	u32 buf = READ_ONCE(ts->inet.sk.rcvbuf);

	return ts->rmem < buf ? tcp_win_from_space(buf - ts->rmem) : 0;
}

u32 tcp_full_space(const struct tcp_sock *ts)
{
	return tcp_win_from_space(READ_ONCE(ts->inet.sk.rcvbuf));
}

/* What a SYN of ts, or to it, offers (RFC 7323 2). */
void tcp_initial_window(const struct tcp_sock *ts, u32 mss, bool scaling, u32 *wnd,
			u32 *window_clamp, u8 *wscale)
{
	u32 room = tcp_full_space(ts), most;

	if (!*window_clamp)
		*window_clamp = 0xffffU << TCP_MAX_WSCALE;
	/* It will not grow, so the window needs no more steps. */
	if (sock_buf_locked(&ts->inet.sk, SOCK_RCVBUF_LOCK))
		*window_clamp = min(*window_clamp, max(room, 1U));
	room = min(*window_clamp, room);
	if (room > mss)
		room = room / mss * mss;
	*wnd = min(room, ts->tn->conf->workaround_signed_windows ? 32767U : 65535U);
	*wscale = 0;
	if (scaling) {
		most = max(room, max((u32)ts->tn->conf->rmem[2], READ_ONCE(sock_rmem_max)));
		most = min(most, *window_clamp);
		while (most > 65535 && *wscale < TCP_MAX_WSCALE) {
			most >>= 1;
			(*wscale)++;
		}
	}
	*window_clamp = min(0xffffU << *wscale, *window_clamp);
}

void tcp_init_buffers(struct tcp_sock *ts)
{
	u32 full;

	if (!sock_buf_locked(&ts->inet.sk, SOCK_SNDBUF_LOCK))
		tcp_expand_sndbuf(ts);
	ts->drs.space = min(ts->rcv_wnd, TCP_INIT_CWND * ts->advmss);
	ts->drs.at = now_mono();
	ts->drs.copied = ts->copied_seq;
	full = tcp_full_space(ts);
	if (ts->window_clamp >= full) {
		ts->window_clamp = full;
		if (full > 2 * ts->advmss && full < 0x7fffffff)
			ts->window_clamp = max(full, 2 * ts->advmss);
	}
	ts->rcv_ssthresh = min(ts->rcv_ssthresh, ts->window_clamp);
	ts->cwnd_stamp = now_mono();
}

static u32 round_up_pow2(u32 n)
{
	u32 p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

/* Room for two windows' worth: what is under way and what comes next. */
void tcp_expand_sndbuf(struct tcp_sock *ts)
{
	u32 mss = max(ts->mss_clamp < 65536 ? ts->mss_clamp : 0, ts->mss_cache) + TCP_MAX_HEADER +
		  320;
	u32 n = max(max((u32)TCP_INIT_CWND, ts->cwnd), ts->reordering + 1);
	u64 want = (u64)(round_up_pow2(mss) + 256) * n * 2;

	if (want > READ_ONCE(ts->inet.sk.sndbuf))
		WRITE_ONCE(ts->inet.sk.sndbuf, (u32)min(want, (u64)ts->tn->conf->wmem[2]));
}

/* --- how fast does data come, and does the window keep up? --- */

static void rcv_rtt_sample(struct tcp_sock *ts, u32 us, bool win_dep)
{
	u32 old = ts->drs.rtt_us;

	us = max(us, 1U);
	if (!old)
		ts->drs.rtt_us = us << 3;
	else if (!win_dep)
		ts->drs.rtt_us = old - (old >> 3) + us;
	else
		ts->drs.rtt_us = min(old, us << 3);
}

/* Without timestamps: how long a whole window takes. */
void tcp_rcv_rtt(struct tcp_sock *ts, u64 now)
{
	if (ts->drs.rtt_at) {
		if (before(ts->rcv_nxt, ts->drs.rtt_seq))
			return;
		rcv_rtt_sample(ts, (u32)((now - ts->drs.rtt_at) / NSEC_PER_USEC), true);
	}
	ts->drs.rtt_seq = ts->rcv_nxt + ts->rcv_wnd;
	ts->drs.rtt_at = now;
}

void tcp_rcv_rtt_ts(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	u32 ms;

	if (!seg->opt.ts || !seg->opt.tsecr || seg->len < ts->rcv_mss)
		return;
	ms = (u32)(seg->now / NSEC_PER_MSEC) - (seg->opt.tsecr - ts->ts_offset);
	if (ms < 1000 * 1000)
		rcv_rtt_sample(ts, max(ms, 1U) * 1000, false);
}

/* The window may be opened further: by two segments for each that is well filled. */
void tcp_grow_window(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	u32 room = min(ts->window_clamp, tcp_space(ts)), by;

	if (room <= ts->rcv_ssthresh || tcp_budget.pressure)
		return;
	room -= ts->rcv_ssthresh;
	by = seg->p && tcp_win_from_space(tcp_truesize(seg->p)) > seg->len ? 0 : 2 * ts->advmss;
	if (!by && seg->len >= ts->rcv_mss / 2)
		by = 2 * seg->len;
	if (by) {
		ts->rcv_ssthresh += min(room, max(by, 2 * seg->len));
		ts->ack |= TCP_ACK_SCHED;
	}
}

/* What came out of order stays until the gap is filled: a reader that has the socket gets room for it. */
void tcp_grow_for_ooo(struct tcp_sock *ts)
{
	const struct packet *last = list_last_entry(&ts->oooq, struct packet, link);
	u64 want = 2 * (2UL * ts->drs.space + (tcp_cb(last)->end_seq - ts->rcv_nxt));
	u32 buf = (u32)min(want, (u64)(u32)ts->tn->conf->rmem[2]);

	if (!ts->tn->conf->moderate_rcvbuf || sock_buf_locked(&ts->inet.sk, SOCK_RCVBUF_LOCK) ||
	    ts->orphan || !list_empty(&ts->accept_link) || buf <= READ_ONCE(ts->inet.sk.rcvbuf))
		return;
	WRITE_ONCE(ts->inet.sk.rcvbuf, buf);
	ts->window_clamp = tcp_win_from_space(buf);
}

/* Once a round trip: twice what the reader took of it must fit. */
void tcp_space_adjust(struct tcp_sock *ts)
{
	u64 now = now_mono(), passed = now - ts->drs.at;
	u32 copied, want, buf;

	if (!ts->drs.rtt_us || passed < (u64)(ts->drs.rtt_us >> 3) * NSEC_PER_USEC)
		return;
	copied = ts->copied_seq - ts->drs.copied;
	if (copied > ts->drs.space) {
		if (ts->tn->conf->moderate_rcvbuf &&
		    !sock_buf_locked(&ts->inet.sk, SOCK_RCVBUF_LOCK)) {
			u64 win = ((u64)copied << 1) + 16 * ts->advmss, more;

			/* Faster than last time: it will be faster still. */
			more = 2 * win * (copied - ts->drs.space) / max(ts->drs.space, 1U);
			win += min(more, 2 * win);
			want = (u32)min(win, (u64)ts->tn->conf->rmem[2] / 2);
			buf = min(want * 2, (u32)ts->tn->conf->rmem[2]);
			if (buf > READ_ONCE(ts->inet.sk.rcvbuf)) {
				WRITE_ONCE(ts->inet.sk.rcvbuf, buf);
				ts->window_clamp = tcp_win_from_space(buf);
			}
		}
		ts->drs.space = copied;
	}
	ts->drs.copied = ts->copied_seq;
	ts->drs.at = now;
}

/* --- what sending waits for, for TCP_INFO --- */

static void chrono_set(struct tcp_sock *ts, u8 what)
{
	u64 now = now_mono();

	ts->chrono_sum[ts->chrono] += now - ts->chrono_at;
	ts->chrono_at = now;
	ts->chrono = what;
}

void tcp_chrono_start(struct tcp_sock *ts, enum tcp_chrono what)
{
	if (what > ts->chrono)
		chrono_set(ts, (u8)what);
}

void tcp_chrono_stop(struct tcp_sock *ts, enum tcp_chrono what)
{
	if (list_empty(&ts->sndq)) {
		if (ts->chrono)
			chrono_set(ts, TCP_CHRONO_NONE);
	} else if (what == ts->chrono && what != TCP_CHRONO_BUSY) {
		chrono_set(ts, TCP_CHRONO_BUSY);
	}
}

u64 tcp_chrono_ns(const struct tcp_sock *ts, enum tcp_chrono what)
{
	u64 ns = what == ts->chrono && what ? now_mono() - ts->chrono_at : 0;

	if (what)
		return ns + ts->chrono_sum[what];
	for (unsigned i = TCP_CHRONO_BUSY; i < TCP_CHRONO_NR; i++)
		ns += tcp_chrono_ns(ts, i);
	return ns;
}
