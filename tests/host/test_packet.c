/*
 * test_packet.c - packet buffers against a plain array of bytes: random splits into linear part,
 * pages and further packets; every operation; checksums against a sum of single words; segmentation
 * and its inverse, GRO. Memory runs out at each allocation; at the end nothing is left.
 */
#include "tests/host/t.h"

#include <byteorder.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "dev/flow.h"
#include "dev/gro.h"
#include "dev/netdev.h"
#include "lib/string.h"
#include "mm/iter.h"

#define POOL 4096 /* pages */
#define ROOM 70000 /* bytes of a packet */

unsigned shim_hart;
unsigned long shim_irqs_off;
static u8 *pool; /* page-aligned */
struct page *page_array;
u64 page_origin;
static unsigned pages_live, next_page;
static long memory_live, fail_after = -1;

static bool fails(void)
{
	return fail_after >= 0 && fail_after-- == 0;
}

static void pool_init(void)
{
	u8 *raw = malloc((POOL + 1) * PAGE_SIZE);

	pool = (u8 *)ALIGN_UP((u64)raw, PAGE_SIZE);
	page_array = calloc(POOL, sizeof(*page_array));
	page_origin = (u64)page_array - ((u64)pool >> PAGE_SHIFT) * sizeof(struct page);
}

struct page *page_alloc(unsigned order, unsigned flags __unused)
{
	CHECK_EQ(order, 0);
	if (fails())
		return NULL;
	for (unsigned i = 0; i < POOL; i++) {
		struct page *p = &page_array[next_page++ % POOL];

		if (!p->refs.v) {
			p->refs.v = 1;
			pages_live++;
			return p;
		}
	}
	return NULL;
}

void page_put(struct page *p)
{
	if (p->refs.v <= 0) {
		FAIL("a page without references is put");
		abort();
	}
	if (!--p->refs.v)
		pages_live--;
}

void *kmalloc(size_t n, unsigned flags __unused)
{
	if (fails())
		return NULL;
	memory_live++;
	return memset(malloc(n + 1), 0x5a, n);
}

void kfree(void *p)
{
	memory_live -= p != NULL;
	free(p);
}

struct slab_cache *slab_create(const char *name __unused, size_t size, size_t align __unused)
{
	return (struct slab_cache *)size;
}

void *slab_alloc(struct slab_cache *c)
{
	return kmalloc((size_t)c, 0);
}

void slab_free(struct slab_cache *c __unused, void *p)
{
	kfree(p);
}

void netdev_put(struct netdev *d)
{
	atomic_dec(&d->refs);
}

size_t iter_copy_to(struct iter *it, const void *src, size_t n)
{
	n = min(n, it->count);
	memcpy((u8 *)it->one.iov_base + it->seg_off, src, n);
	it->seg_off += n;
	it->count -= n;
	return n;
}

bool iter_pin(struct iter *it __unused, size_t most __unused, struct page_piece *piece __unused)
{
	return false;
}

size_t iter_give(struct iter *it, struct page *page, size_t off, size_t n)
{
	return iter_copy_to(it, (u8 *)page_to_virt(page) + off, n);
}

size_t iter_copy_from(struct iter *it, void *dst, size_t n)
{
	n = min(n, it->count);
	memcpy(dst, (u8 *)it->one.iov_base + it->seg_off, n);
	it->seg_off += n;
	it->count -= n;
	return n;
}

/* --- a packet and the bytes it should have --- */

static u8 bytes[ROOM], other[ROOM];

/* Appends n bytes to p's pages, in random pieces of random places; false: no more frags. */
static bool add_pages(struct packet *p, const u8 *from, u32 n)
{
	while (n) {
		u32 off = (u32)t_below(PAGE_SIZE), k = min(n, (u32)(1 + t_below(PAGE_SIZE)));
		struct page *page = page_alloc(0, 0);

		k = min(k, (u32)PAGE_SIZE - off);
		memcpy((u8 *)page_to_virt(page) + off, from, k);
		if (!packet_add_frag(p, page, off, k)) {
			page_put(page);
			return false;
		}
		from += k;
		n -= k;
	}
	return true;
}

/* The first n of `bytes`, at least `linear` of them in one piece. */
static struct packet *make(u32 linear, u32 n)
{
	u32 k = min(n, linear + (u32)(t_below(2) ? t_below(200) : 0)), at = k;
	struct packet *p = packet_alloc((u32)t_below(100) + 60, k + (u32)t_below(50)), *q = p;

	memcpy(packet_put(p, k), bytes, k);
	while (at < n) {
		u32 before;

		k = min(n - at, (u32)(1 + t_below(9000)));
		if (t_below(3) && q->nr_frags < 10) {
			before = q->len;
			if (!add_pages(q, bytes + at, k))
				k = q->len - before;
		} else {
			struct packet *m = packet_alloc(8, k);

			memcpy(packet_put(m, k), bytes + at, k);
			q = q->more = m;
		}
		at += k;
	}
	p->len = n;
	return p;
}

static bool same(const struct packet *p, u32 off, u32 n)
{
	struct packet_walk w;
	u32 sum = 0, k;
	u8 *at;

	if (p->len != n)
		return false;
	memset(other, 0, n);
	packet_read(p, 0, other, n);
	packet_walk_start(&w, p, 0);
	while (packet_walk_next(&w, &at, &k)) {
		if (sum + k > n || memcmp(at, bytes + off + sum, k))
			return false;
		sum += k;
	}
	return sum == n && !memcmp(other, bytes + off, n);
}

static u16 naive(const u8 *b, u32 n, u64 sum)
{
	for (u32 i = 0; i < n; i++)
		sum += (u64)b[i] << (i & 1) * 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

static void random_bytes_fill(void)
{
	for (u32 i = 0; i < ROOM; i++)
		bytes[i] = (u8)t_random();
}

static void nothing_left(void)
{
	CHECK_EQ(pages_live, 0);
	CHECK_EQ(memory_live, 0);
}

/* --- the tests --- */

static void operations(void)
{
	random_bytes_fill();
	for (unsigned round = 0; round < 3000 && !t.failed; round++) {
		u32 off = 0, n = (u32)t_below(t_below(4) ? 3000 : 60000);
		struct packet *p = make((u32)t_below(100), n), *c;

		CHECK(same(p, 0, n));
		for (unsigned i = 0; i < 8 && !t.failed; i++) {
			u32 k = (u32)t_below(n + 1), head;
			struct iter it;

			switch (t_below(7)) {
			case 0:
				k = (u32)t_below(k + 1);
				packet_drop_front(p, k);
				off += k;
				n -= k;
				break;
			case 1:
				k = n - (u32)t_below(k + 1);
				packet_trim(p, k);
				n = k;
				break;
			case 2:
				CHECK(packet_pull_up(p, k) == p->data && packet_linear(p) >= k);
				CHECK(!packet_pull_up(p, n + 1));
				break;
			case 3:
				c = packet_clone(p);
				packet_free(p);
				p = c;
				break;
			case 4:
				head = (u32)t_below(300);
				p->network = (u16)(packet_headroom(p));
				CHECK(packet_need_headroom(p, head) && packet_headroom(p) >= head);
				CHECK(packet_network(p) == p->data);
				break;
			case 5:
				memset(other, 0, ROOM);
				iter_kernel(&it, other, ROOM);
				CHECK_EQ(packet_copy_to_iter(p, k, &it, n), n - k);
				CHECK(!memcmp(other, bytes + off + k, n - k));
				break;
			case 6:
				head = (u32)t_below(n - k + 1);
				CHECK_EQ(csum_fold(packet_sum(p, k, head, 0)),
					 naive(bytes + off + k, head, 0));
				break;
			}
			CHECK(same(p, off, n));
		}
		packet_free(p);
		nothing_left();
	}
}

static void append(void)
{
	struct packet *p = packet_alloc(0, 0), *c = NULL;
	u32 n = 0;
	int err;

	random_bytes_fill();
	for (;;) {
		u32 k = (u32)t_below(3000);
		struct iter it;

		iter_kernel(&it, bytes + n, k);
		err = packet_append_iter(p, &it, k);
		n = p->len;
		CHECK(same(p, 0, n));
		if (err)
			break;
		/* Pages that somebody else has too are not written to. */
		if (!c && n > 10000)
			c = packet_clone(p);
	}
	CHECK_EQ(err, -EMSGSIZE);
	CHECK_EQ(p->nr_frags, PACKET_MAX_FRAGS);
	CHECK(same(c, 0, c->len));
	packet_free(c);
	packet_free(p);
	nothing_left();
}

static void sums(void)
{
	random_bytes_fill();
	for (unsigned i = 0; i < 20000 && !t.failed; i++) {
		u32 off = (u32)t_below(64), n = (u32)t_below(i & 1 ? 70 : 2000),
		    seed = (u32)t_random();

		CHECK_EQ(csum_fold(csum_bytes(bytes + off, n, seed)),
			 naive(bytes + off, n, (u64)(seed & 0xffff) + (seed >> 16)));
	}
	/* All ones, where carries are most. */
	memset(bytes, 0xff, ROOM);
	for (u32 n = 0; n < 300; n++)
		CHECK_EQ(csum_fold(csum_bytes(bytes + 1, n, ~0u)), naive(bytes, n, 0xffff));
}

/* --- segments --- */

static struct netdev dev = { .addr_len = 6, .refs = ATOMIC_INIT(1) };
static struct packet *got[256];
static unsigned nr_got;

void netdev_deliver(struct packet *p)
{
	got[nr_got++] = p;
}

bool netdev_count_received(struct packet *p __unused)
{
	return true;
}

/* The headers of a frame with n bytes of payload, in bytes; their length. */
static u32 headers(enum packet_gso kind, bool v6, u32 n)
{
	u32 ip = ETH_HEADER, th = ip + (v6 ? 40 : 20), options = (u32)t_below(11) * 4, len;
	u8 *h = bytes;

	random_bytes_fill();
	len = kind == GSO_UDP ? UDP_HEADER : TCP_HEADER_MIN + options;
	put_be16(h + 12, v6 ? ETH_TYPE_IPV6 : ETH_TYPE_IPV4);
	h[ip] = v6 ? 0x60 : 0x45;
	if (v6) {
		put_be16(h + ip + 4, (u16)(len + n));
		h[ip + 6] = kind == GSO_UDP ? PROTO_UDP : PROTO_TCP;
	} else {
		put_be16(h + ip + 2, (u16)(20 + len + n));
		put_be16(h + ip + 6, 0x4000);
		h[ip + 9] = kind == GSO_UDP ? PROTO_UDP : PROTO_TCP;
		put_le16(h + ip + 10, 0);
		put_le16(h + ip + 10, naive(h + ip, 20, 0));
	}
	if (kind == GSO_UDP) {
		put_be16(h + th + 4, (u16)(len + n));
	} else {
		h[th + 12] = (u8)(len / 4 << 4);
		h[th + 13] = TCP_ACK | TCP_PSH;
	}
	return th + len;
}

static u64 pseudo(const u8 *ip, u8 proto, u32 n)
{
	bool v6 = ip[0] >> 4 == 6;

	return (u16)~naive(ip + (v6 ? 8 : 12), v6 ? 32 : 8, 0) + bswap16((u16)n) + bswap16(proto);
}

/* A whole frame as a device would send it: lengths and checksums are right. */
static void check_frame(const u8 *f, u32 n, bool v6, bool udp)
{
	u32 ip = ETH_HEADER, th = ip + (v6 ? 40 : 20);

	if (v6) {
		CHECK_EQ(get_be16(f + ip + 4), n - th);
	} else {
		CHECK_EQ(get_be16(f + ip + 2), n - ip);
		CHECK_EQ(naive(f + ip, 20, 0), 0);
	}
	if (udp)
		CHECK_EQ(get_be16(f + th + 4), n - th);
	CHECK_EQ(naive(f + th, n - th, pseudo(f + ip, udp ? PROTO_UDP : PROTO_TCP, n - th)), 0);
}

static void segments(void)
{
	static u8 frame[ROOM];

	dev.refs.v = 1;
	for (unsigned round = 0; round < 2000 && !t.failed; round++) {
		bool v6 = t_below(2), udp = t_below(3) == 0;
		u32 n = (u32)t_below(t_below(4) ? 10000 : 60000), size = 600 + (u32)t_below(3000);
		u32 hlen = headers(udp ? GSO_UDP : GSO_TCP4, v6, n), done = 0, i = 0;
		struct packet *p = make((u32)t_below(hlen + 100), hlen + n), *s, *next;
		u32 seq = get_be32(bytes + hlen);
		LIST_HEAD(list);

		p->mac = (u16)packet_headroom(p);
		p->network = (u16)(packet_headroom(p) + ETH_HEADER);
		p->transport = (u16)(p->network + (v6 ? 40 : 20));
		seq = get_be32(bytes + ETH_HEADER + (v6 ? 40 : 20) + 4);
		p->gso = udp ? GSO_UDP : v6 ? GSO_TCP6 : GSO_TCP4;
		p->gso_size = (u16)size;
		packet_set_dev(p, &dev);
		CHECK_EQ(packet_segment(p, &list), 0);
		nr_got = 0;
		list_for_each_entry_safe(s, next, &list, link) {
			u32 th = ETH_HEADER + (v6 ? 40 : 20), k;

			list_init(&s->link);
			CHECK(packet_finish_csum(s));
			k = s->len - hlen;
			packet_read(s, 0, frame, s->len);
			check_frame(frame, s->len, v6, udp);
			CHECK(k == size || done + k == n);
			CHECK(!memcmp(frame + hlen, bytes + hlen + done, k));
			if (!udp) {
				CHECK_EQ(get_be32(frame + th + 4), seq + done);
				CHECK_EQ(!!(frame[th + 13] & TCP_PSH), done + k == n);
			}
			if (!v6)
				CHECK_EQ(get_be16(frame + ETH_HEADER + 4),
					 (u16)(get_be16(bytes + ETH_HEADER + 4) + i));
			done += k;
			i++;
			/* What was cut is joined again. */
			packet_pull_up(s, hlen);
			netdev_receive_gro(s);
		}
		CHECK_EQ(done, n);
		netdev_flush();
		if (!udp && n)
			CHECK_EQ(nr_got, 1);
		if (nr_got == 1) {
			struct packet *j = got[0];

			if (j->gso) {
				CHECK_EQ(j->gso_size, size);
				CHECK_EQ(j->gso_segs, i);
				CHECK(packet_finish_csum(j));
			}
			packet_read(j, 0, frame, j->len);
			check_frame(frame, j->len, v6, udp);
			CHECK_EQ(j->len, hlen + n);
			CHECK(!memcmp(frame + hlen, bytes + hlen, n));
		}
		for (unsigned k = 0; k < nr_got; k++)
			packet_free(got[k]);
		nothing_left();
		CHECK_EQ(dev.refs.v, 1);
	}
}

/* What does not belong together stays apart, and what came first goes up first. */
static void apart(void)
{
	static const struct {
		u32 at; /* a byte of the second frame that is changed */
		const char *what;
	} cases[] = {
		{ ETH_HEADER + 1, "TOS" },
		{ ETH_HEADER + 8, "TTL" },
		{ ETH_HEADER + 15, "address" },
		{ ETH_HEADER + 21, "port" },
		{ ETH_HEADER + 27, "sequence" },
		{ ETH_HEADER + 31, "acknowledgement" },
		{ ETH_HEADER + 35, "window" },
		{ 3, "link address" },
		{ ETH_HEADER + 60, "payload, and so checksum" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 hlen = headers(GSO_TCP4, false, 2000), th = ETH_HEADER + 20;
		struct packet *p, *s, *next;
		LIST_HEAD(list);
		unsigned k = 0;

		p = make(hlen, hlen + 2000);
		p->network = (u16)(packet_headroom(p) + ETH_HEADER);
		p->transport = (u16)(p->network + 20);
		p->gso = GSO_TCP4;
		p->gso_size = 1000;
		packet_set_dev(p, &dev);
		CHECK_EQ(packet_segment(p, &list), 0);
		nr_got = 0;
		list_for_each_entry_safe(s, next, &list, link) {
			list_init(&s->link);
			packet_finish_csum(s);
			packet_pull_up(s, s->len);
			if (k++) {
				s->data[cases[i].at] ^= 0x10;
				if (i != ARRAY_SIZE(cases) - 1) { /* the sums are right again */
					u8 *ip = s->data + ETH_HEADER;

					put_le16(ip + 10, 0);
					put_le16(ip + 10, naive(ip, 20, 0));
					put_le16(s->data + th + TCP_CSUM, 0);
					put_le16(s->data + th + TCP_CSUM,
						 naive(s->data + th, s->len - th,
						       pseudo(ip, PROTO_TCP, s->len - th)));
				}
			}
			netdev_receive_gro(s);
		}
		netdev_flush();
		if (nr_got != 2)
			FAIL("joined in spite of another %s", cases[i].what);
		if (i != 2 && i != 3) /* another flow may go first */
			CHECK_EQ(get_be32(got[0]->data + th + 4), get_be32(bytes + th + 4));
		for (k = 0; k < nr_got; k++)
			packet_free(got[k]);
		nothing_left();
	}
}

static void no_memory(void)
{
	for (long at = 0; at < 60 && !t.failed; at++) {
		u32 hlen = headers(GSO_TCP4, false, 9000);
		struct packet *p = make(20, hlen + 9000), *c;
		LIST_HEAD(list);

		p->network = (u16)(packet_headroom(p) + ETH_HEADER);
		p->transport = (u16)(p->network + 20);
		p->gso = GSO_TCP4;
		p->gso_size = 700;
		fail_after = at;
		c = packet_clone(p);
		packet_free(c);
		if (packet_pull_up(p, 5000))
			packet_need_headroom(p, 500);
		CHECK(same(p, 0, hlen + 9000));
		if (!packet_segment(p, &list))
			packet_free_list(&list);
		CHECK(list_empty(&list));
		fail_after = -1;
		nothing_left();
	}
}

/* Frames and requests to cut that are anything at all. */
static void bad_headers(void)
{
	for (unsigned i = 0; i < 2000 && !t.failed; i++) {
		u32 n = (u32)t_below(200), hlen = headers(GSO_TCP4, t_below(2), n);
		struct packet *p;
		LIST_HEAD(list);

		bytes[t_below(hlen)] = (u8)t_random();
		p = make((u32)t_below(hlen), min(hlen + n, (u32)t_below(250)));
		p->network = (u16)(packet_headroom(p) + t_below(60));
		p->transport = (u16)(packet_headroom(p) + t_below(100));
		p->gso = (u8)(1 + t_below(3));
		p->gso_size = (u16)t_below(100);
		packet_set_dev(p, &dev);
		if (t_below(2)) {
			if (!packet_segment(p, &list))
				packet_free_list(&list);
		} else {
			p->gso = GSO_NONE;
			nr_got = 0;
			packet_pull_up(p, min(p->len, (u32)t_below(120)));
			netdev_receive_gro(p);
			netdev_flush();
			CHECK_EQ(nr_got, 1);
			packet_free(got[0]);
		}
		nothing_left();
	}
}

int main(void)
{
	pool_init();
	packet_init();
	memory_live = 0;
	RUN(operations);
	RUN(append);
	RUN(sums);
	RUN(segments);
	RUN(apart);
	RUN(no_memory);
	RUN(bad_headers);
	return t_done();
}
