/*
 * TCP: what is kept by the peer instead of us. SYN cookies (RFC 4987 3.6): the MSS in the sequence
 * number, other options in the timestamp. Fast open's cookies (RFC 7413 4.1.2), and those that
 * servers have given us.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include "core/random.h"
#include "lib/siphash.h"
#include "lib/string.h"

#define PERIOD	 (64 * NSEC_PER_SEC) /* a cookie is good for one to two of them */
#define TS_BITS	 6
#define TS_MASK	 ((1U << TS_BITS) - 1)
#define TS_SACK	 (1U << 4)
#define TS_ECN	 (1U << 5)
#define NO_SCALE 0xf

static const u16 sizes_v4[] = { 536, 1300, 1440, 1460 };
static const u16 sizes_v6[] = { 1220, 1420, 1440, 8940 };

static u32 hash(const struct tcp_net *tn, const struct tcp_segment *seg, u32 count, u32 which)
{
	struct {
		struct in6_addr a, b;
		u32 ports, count, which, pad;
	} v = { seg->src, seg->dst, (u32)seg->sport << 16 | seg->dport, count, which, 3 };

	return (u32)siphash(&v, sizeof(v), (const struct siphash_key *)&tn->secret[2]);
}

/*
 * hash + the peer's number + (period << 24) + ((hash of the period + index) & 0xffffff): who does
 * not know the key can neither make one nor change the index.
 */
static u32 cookie(const struct tcp_net *tn, const struct tcp_segment *seg, u32 peer, u32 count,
		  u32 index)
{
	return hash(tn, seg, 0, 0) + peer + (count << 24) +
	       ((hash(tn, seg, count, 1) + index) & 0xffffff);
}

u32 tcp_cookie_make(struct tcp_net *tn, const struct tcp_segment *seg, u16 *mss)
{
	const u16 *sizes = addr_is_v4(&seg->src) ? sizes_v4 : sizes_v6;
	u32 i = ARRAY_SIZE(sizes_v4) - 1;

	while (i && sizes[i] > *mss)
		i--;
	*mss = sizes[i];
	return cookie(tn, seg, seg->seq, (u32)(now_mono() / PERIOD), i);
}

u16 tcp_cookie_check(struct tcp_net *tn, const struct tcp_segment *seg)
{
	const u16 *sizes = addr_is_v4(&seg->src) ? sizes_v4 : sizes_v6;
	u32 now = (u32)(now_mono() / PERIOD), peer = seg->seq - 1;
	u32 c = seg->ack - 1 - hash(tn, seg, 0, 0) - peer, age, index;

	age = (now - (c >> 24)) & 0xff;
	if (age >= 2)
		return 0;
	index = (c - hash(tn, seg, now - age, 1)) & 0xffffff;
	return index < ARRAY_SIZE(sizes_v4) ? sizes[index] : 0;
}

u32 tcp_cookie_tsval(const struct tcp_req *req)
{
	u32 now = tcp_time_ms() + req->ts_offset;
	u32 opts = (req->wscale_ok ? req->snd_wscale : NO_SCALE) | (req->sack_ok ? TS_SACK : 0) |
		   (req->ecn ? TS_ECN : 0);
	u32 v = (now & ~TS_MASK) | opts;

	return after(v, now) ? v - (TS_MASK + 1) : v;
}

/* req->ts_offset is there; the rest of the options comes from what the peer echoed. */
bool tcp_cookie_options(const struct tcp_segment *seg, struct tcp_req *req)
{
	const struct tcp_sysctl *conf = seg->net->tcp->conf;
	u32 opts = seg->opt.tsecr;

	req->ts_ok = seg->opt.ts && conf->timestamps;
	req->sack_ok = req->wscale_ok = req->ecn = false;
	if (!seg->opt.ts)
		return true;
	if (!conf->timestamps)
		return false;
	req->sack_ok = opts & TS_SACK;
	req->ecn = opts & TS_ECN;
	if (req->sack_ok && !conf->sack)
		return false;
	if ((opts & 0xf) == NO_SCALE)
		return true;
	req->wscale_ok = true;
	req->snd_wscale = opts & 0xf;
	return conf->window_scaling;
}

/* --- fast open --- */

/* Eight bytes that only who has the key can make of both addresses (RFC 7413 4.1.2). */
static void make_cookie(const u8 *key, const struct in6_addr *src, const struct in6_addr *dst,
			u8 *out)
{
	struct {
		struct in6_addr a, b;
	} v = { *src, *dst };
	struct siphash_key k;
	u64 h;

	memcpy(&k, key, sizeof(k));
	if (addr_is_v4(src)) {
		u32 pair[2] = { src->s6_addr32[3], dst->s6_addr32[3] };

		h = siphash(pair, sizeof(pair), &k);
	} else {
		h = siphash(&v, sizeof(v), &k);
	}
	put_le64(out, h);
}

void tcp_fastopen_keys(struct net *net, struct tcp_fastopen_keys *keys)
{
	spin_lock(&net->tcp->all_lock);
	*keys = net->tcp->fastopen_keys;
	spin_unlock(&net->tcp->all_lock);
}

void tcp_fastopen_set_keys(struct net *net, const struct tcp_fastopen_keys *keys)
{
	spin_lock(&net->tcp->all_lock);
	net->tcp->fastopen_keys = *keys;
	spin_unlock(&net->tcp->all_lock);
}

bool tcp_fastopen_cookie(const struct tcp_net *tn, const struct tcp_listen *l,
			 const struct tcp_segment *seg, u8 *out, bool *old)
{
	struct tcp_fastopen_keys k = l->keys;
	bool ours = false;
	u8 cookie[8];

	if (!k.n)
		tcp_fastopen_keys(tn->net, &k);
	make_cookie(k.key[0], &seg->src, &seg->dst, out);
	if (seg->opt.cookie_len == 8) {
		ours = !memcmp(seg->opt.cookie, out, 8);
		if (!ours && k.n > 1) {
			make_cookie(k.key[1], &seg->src, &seg->dst, cookie);
			ours = *old = !memcmp(seg->opt.cookie, cookie, 8);
		}
	}
	return ours;
}

void tcp_fastopen_learn(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	struct tcp_net *tn = ts->tn;
	const struct tcp_options *o = &seg->opt;
	struct tcp_fastopen_server *f;
	unsigned i;

	spin_lock(&tn->all_lock);
	for (i = 0; i < ARRAY_SIZE(tn->fastopen_cache); i++)
		if (addr_equal(&tn->fastopen_cache[i].addr, &ts->node.key.remote))
			break;
	if (i == ARRAY_SIZE(tn->fastopen_cache)) {
		i = tn->fastopen_next++ % ARRAY_SIZE(tn->fastopen_cache);
		memset(&tn->fastopen_cache[i], 0, sizeof(tn->fastopen_cache[i]));
	}
	f = &tn->fastopen_cache[i];
	f->addr = ts->node.key.remote;
	f->mss = o->mss ? o->mss : TCP_DEFAULT_MSS;
	if (!ts->syn_fastopen) {
		/* a cookie that nobody asked for */
	} else if (o->cookie_len) {
		f->len = o->cookie_len;
		f->exp = o->fastopen_exp;
		memcpy(f->cookie, o->cookie, o->cookie_len);
	} else if (!ts->syn_data && !ts->total_retrans && !f->len) {
		/* None came. Some servers know the option of the experiment only (RFC 6994). */
		f->try_exp = ts->cookie_exp || f->try_exp == 2 ? 2 : 1;
	}
	spin_unlock(&tn->all_lock);
}

void tcp_fastopen_forget(struct tcp_net *tn)
{
	spin_lock(&tn->all_lock);
	memset(tn->fastopen_cache, 0, sizeof(tn->fastopen_cache));
	spin_unlock(&tn->all_lock);
}

bool tcp_fastopen_known(struct tcp_sock *ts, u16 *mss)
{
	struct tcp_net *tn = ts->tn;
	bool free = ts->fastopen_no_cookie || (ts->tn->conf->fastopen & 4);

	ts->cookie_len = 0;
	ts->cookie_exp = false;
	ts->fo_option = !free;
	if (!(ts->tn->conf->fastopen & 1))
		return false;
	spin_lock(&tn->all_lock);
	for (unsigned i = 0; i < ARRAY_SIZE(tn->fastopen_cache); i++) {
		const struct tcp_fastopen_server *f = &tn->fastopen_cache[i];

		if (!f->mss || !addr_equal(&f->addr, &ts->node.key.remote))
			continue;
		ts->cookie_len = f->len;
		ts->cookie_exp = f->len ? f->exp : f->try_exp == 1;
		memcpy(ts->cookie, f->cookie, f->len);
		if (mss)
			*mss = f->mss;
	}
	spin_unlock(&tn->all_lock);
	if (!free && !ts->cookie_len)
		ts->fastopen_fail = TFO_COOKIE_UNAVAILABLE;
	return free || ts->cookie_len;
}
