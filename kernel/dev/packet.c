/*
 * Packet buffers (packet.h): allocation, the linear part and the pages behind it. Headers are looked
 * at in the linear part, which packet_pull_up extends at the cost of the pages; payload stays where
 * it is. A packet has one owner: no locks.
 */
#include "dev/packet.h"

#include <uapi/errno.h>

#include <compiler.h>

#include "alloc/slab.h"
#include "dev/netdev.h"
#include "lib/string.h"
#include "mm/iter.h"

static struct slab_cache *packet_cache; /* [boot] */

void packet_init(void)
{
	packet_cache = slab_create("packet", sizeof(struct packet), 0);
}

struct packet *packet_alloc(u32 headroom, u32 n)
{
	struct packet *p = slab_alloc(packet_cache);

	if (!p)
		return NULL;
	memset(p, 0, offsetof(struct packet, frag));
	headroom = ALIGN_UP(headroom, (u32)sizeof(u64));
	/* One of pages alone, as TCP's queue has them, has no linear part. */
	p->head = headroom + n ? kmalloc(headroom + n, 0) : NULL;
	if (!p->head && headroom + n) {
		slab_free(packet_cache, p);
		return NULL;
	}
	list_init(&p->link);
	p->data = p->tail = p->head + headroom;
	p->end = p->data + n;
	return p;
}

static void free_one(struct packet *p)
{
	if (p->uncharge)
		p->uncharge(p);
	for (unsigned i = 0; i < p->nr_frags; i++)
		page_put(p->frag[i].page);
	if (unlikely(p->loan))
		packet_loan_put(p->loan);
	if (p->dev)
		netdev_put(p->dev);
	kfree(p->head);
	slab_free(packet_cache, p);
}

void packet_free(struct packet *p)
{
	while (p) {
		struct packet *more = p->more;

		free_one(p);
		p = more;
	}
}

void packet_free_list(struct list_head *list)
{
	struct packet *p, *next;

	list_for_each_entry_safe(p, next, list, link)
		packet_free(p);
	list_init(list);
}

void packet_set_dev(struct packet *p, struct netdev *d)
{
	if (p->dev == d)
		return;
	if (p->dev)
		netdev_put(p->dev);
	p->dev = d ? netdev_get(d) : NULL;
}

static struct packet *clone_one(const struct packet *p)
{
	struct packet *c = packet_alloc(packet_headroom(p), (u32)(p->end - p->data));
	u8 *head;

	if (!c)
		return NULL;
	/* The headroom is a multiple of what packet_alloc rounds to, or it is only rounded up. */
	head = c->data - packet_headroom(p);
	memcpy(&c->len, &p->len, offsetof(struct packet, sk) - offsetof(struct packet, len));
	c->mac = c->network = c->transport = 0;
	packet_set_offsets(c, p, (s32)(head - c->head));
	c->tail = c->data + packet_linear(p);
	memcpy(head, p->head, (size_t)(p->tail - p->head));
	memcpy(c->cb, p->cb, sizeof(c->cb));
	memcpy(c->frag, p->frag, p->nr_frags * sizeof(p->frag[0]));
	for (unsigned i = 0; i < c->nr_frags; i++)
		page_get(c->frag[i].page);
	packet_share_loan(c, p);
	packet_set_dev(c, p->dev);
	return c;
}

struct packet *packet_clone(const struct packet *p)
{
	struct packet *first = NULL, **at = &first;

	for (; p; p = p->more) {
		*at = clone_one(p);
		if (!*at) {
			packet_free(first);
			return NULL;
		}
		at = &(*at)->more;
	}
	return first;
}

void packet_loan_put(struct packet_loan *l)
{
	if (l && atomic_dec_and_test(&l->refs))
		l->done(l);
}

bool packet_own(struct packet *p)
{
	struct packet_loan *l = p->loan;

	if (likely(!l))
		return true;
	for (unsigned i = 0; i < p->nr_frags; i++) {
		struct packet_frag *f = &p->frag[i];
		struct page *page = page_alloc(0, PA_USER);

		if (!page)
			return false;
		memcpy(page_to_virt(page), (u8 *)page_to_virt(f->page) + f->off, f->len);
		page_put(f->page);
		*f = (struct packet_frag){ page, 0, f->len };
	}
	WRITE_ONCE(l->copied, true);
	p->loan = NULL;
	packet_loan_put(l);
	return true;
}

/* A frag of a page is counted as the half page that a receive buffer is. */
u32 packet_truesize(const struct packet *p)
{
	u32 n = 0;

	for (; p; p = p->more) {
		n += (u32)(sizeof(*p) + (size_t)(p->end - p->head));
		for (unsigned i = 0; i < p->nr_frags; i++)
			n += ALIGN_UP(p->frag[i].len, (u32)PAGE_SIZE / 2);
	}
	return n;
}

/* Another linear part, with so much headroom (not less than before) and room for so many bytes. */
static bool new_head(struct packet *p, u32 headroom, u32 room)
{
	u8 *head, *data;
	s32 moved;

	headroom = ALIGN_UP(headroom, (u32)sizeof(u64));
	head = kmalloc(headroom + room, 0);
	if (!head)
		return false;
	data = head + headroom;
	moved = (s32)(headroom - packet_headroom(p));
	/* Headers before the data are still asked for: packet_mac. */
	memcpy(head + moved, p->head, (size_t)(p->tail - p->head));
	packet_set_offsets(p, p, moved);
	p->tail = data + packet_linear(p);
	p->data = data;
	p->end = data + room;
	kfree(p->head);
	p->head = head;
	return true;
}

void packet_set_offsets(struct packet *to, const struct packet *from, s32 moved)
{
	to->mac = from->mac ? (u16)(from->mac + moved) : 0;
	to->network = from->network ? (u16)(from->network + moved) : 0;
	to->transport = from->transport ? (u16)(from->transport + moved) : 0;
	to->csum_start = from->csum == CSUM_PARTIAL ? (u16)(from->csum_start + moved) : 0;
}

bool packet_need_headroom(struct packet *p, u32 n)
{
	if (packet_headroom(p) >= n)
		return true;
	return new_head(p, n + PACKET_HEADROOM / 2, (u32)(p->end - p->data));
}

/* --- what follows the linear part --- */

/* Takes n bytes off the front of p's own frags; what was left to take of it. */
static u32 drop_frags(struct packet *p, u32 n)
{
	unsigned gone = 0;

	while (n && gone < p->nr_frags) {
		struct packet_frag *f = &p->frag[gone];
		u32 k = min(n, f->len);

		f->off += k;
		f->len -= k;
		n -= k;
		if (!f->len) {
			page_put(f->page);
			gone++;
		}
	}
	if (gone) {
		p->nr_frags = (u16)(p->nr_frags - gone);
		memmove(p->frag, p->frag + gone, p->nr_frags * sizeof(p->frag[0]));
	}
	return n;
}

/* Takes n bytes off what follows the linear part; len is the caller's. */
static void drop_rest(struct packet *p, u32 n)
{
	n = drop_frags(p, n);
	while (n) {
		struct packet *m = p->more;
		u32 k = min(n, packet_linear(m));

		m->data += k;
		n = drop_frags(m, n - k);
		if (packet_linear(m) || m->nr_frags)
			break;
		p->more = m->more;
		m->more = NULL;
		packet_free(m);
	}
}

void packet_drop_front(struct packet *p, u32 n)
{
	u32 k = min(n, packet_linear(p));

	p->len -= n;
	p->data += k;
	if (n > k)
		drop_rest(p, n - k);
}

void *packet_pull_up(struct packet *p, u32 n)
{
	u32 have = packet_linear(p);

	if (have >= n)
		return p->data;
	if (p->len < n)
		return NULL;
	if (packet_tailroom(p) < n - have && !new_head(p, packet_headroom(p), n))
		return NULL;
	packet_read(p, have, p->tail, n - have);
	p->tail += n - have;
	drop_rest(p, n - have);
	return p->data;
}

void packet_trim(struct packet *p, u32 len)
{
	struct packet *m = p;

	if (p->len <= len)
		return;
	p->len = len;
	for (;;) {
		u32 k = min(len, packet_linear(m));
		unsigned i = 0;

		m->tail = m->data + k;
		len -= k;
		for (; i < m->nr_frags && len; i++) {
			m->frag[i].len = min(m->frag[i].len, len);
			len -= m->frag[i].len;
		}
		for (unsigned j = i; j < m->nr_frags; j++)
			page_put(m->frag[j].page);
		m->nr_frags = (u16)i;
		if (!len || !m->more)
			break;
		m = m->more;
	}
	packet_free(m->more);
	m->more = NULL;
}

bool packet_add_frag(struct packet *p, struct page *page, u32 off, u32 len)
{
	struct packet_frag *last = p->nr_frags ? &p->frag[p->nr_frags - 1] : NULL;

	if (last && last->page == page && last->off + last->len == off) {
		last->len += len;
		page_put(page);
	} else if (p->nr_frags == PACKET_MAX_FRAGS) {
		return false;
	} else {
		p->frag[p->nr_frags++] = (struct packet_frag){ page, off, len };
	}
	p->len += len;
	return true;
}

/* --- reading and writing --- */

void packet_walk_start(struct packet_walk *w, const struct packet *p, u32 off)
{
	w->p = p;
	w->piece = 0;
	w->skip = off;
}

bool packet_walk_next(struct packet_walk *w, u8 **at, u32 *n)
{
	while (w->p) {
		u32 len;

		if (w->piece > w->p->nr_frags) {
			w->p = w->p->more;
			w->piece = 0;
			continue;
		}
		if (!w->piece) {
			*at = w->p->data;
			len = packet_linear(w->p);
		} else {
			const struct packet_frag *f = &w->p->frag[w->piece - 1];

			*at = (u8 *)page_to_virt(f->page) + f->off;
			len = f->len;
		}
		w->piece++;
		if (w->skip < len) {
			*at += w->skip;
			*n = len - w->skip;
			w->skip = 0;
			return true;
		}
		w->skip -= len;
	}
	return false;
}

void packet_read(const struct packet *p, u32 off, void *dst, u32 n)
{
	struct packet_walk w;
	u8 *to = dst, *at;
	u32 k;

	packet_walk_start(&w, p, off);
	while (n && packet_walk_next(&w, &at, &k)) {
		k = min(k, n);
		memcpy(to, at, k);
		to += k;
		n -= k;
	}
}

static size_t to_iter(const struct packet *p, u32 off, struct iter *it, size_t n, bool give)
{
	struct packet_walk w;
	size_t done = 0;
	u8 *at;
	u32 k;

	packet_walk_start(&w, p, off);
	while (done < n && packet_walk_next(&w, &at, &k)) {
		size_t want = min((size_t)k, n - done), did;
		struct page *page = w.piece > 1 ? w.p->frag[w.piece - 2].page : NULL;

		if (give && page)
			did = iter_give(it, page, (size_t)(at - (u8 *)page_to_virt(page)), want);
		else
			did = iter_copy_to(it, at, want);
		done += did;
		if (did < want)
			break;
	}
	return done;
}

size_t packet_copy_to_iter(const struct packet *p, u32 off, struct iter *it, size_t n)
{
	return to_iter(p, off, it, n, false);
}

size_t packet_give_to_iter(const struct packet *p, u32 off, struct iter *it, size_t n)
{
	return to_iter(p, off, it, n, true);
}

size_t packet_lend_iter(struct packet *p, struct iter *it, size_t n)
{
	struct page_piece piece;
	size_t done = 0;

	while (done < n && p->nr_frags < PACKET_MAX_FRAGS && iter_pin(it, n - done, &piece)) {
		packet_add_frag(p, piece.page, piece.off, piece.len);
		done += piece.len;
	}
	return done;
}

int packet_append_iter(struct packet *p, struct iter *it, size_t n)
{
	size_t done = 0;

	while (done < n) {
		struct packet_frag *f = p->nr_frags ? &p->frag[p->nr_frags - 1] : NULL;
		size_t k, did;
		bool fresh;

		fresh = !f || f->off + f->len >= PAGE_SIZE || atomic_read(&f->page->refs) != 1;
		if (fresh) {
			struct page *page;

			if (p->nr_frags == PACKET_MAX_FRAGS)
				return -EMSGSIZE;
			page = page_alloc(0, PA_USER);
			if (!page)
				return -ENOBUFS;
			f = &p->frag[p->nr_frags];
			*f = (struct packet_frag){ page, 0, 0 };
		}
		k = min(n - done, (size_t)PAGE_SIZE - f->off - f->len);
		did = iter_copy_from(it, (u8 *)page_to_virt(f->page) + f->off + f->len, k);
		if (fresh && !did)
			page_put(f->page);
		else if (fresh)
			p->nr_frags++;
		f->len += (u32)did;
		p->len += (u32)did;
		done += did;
		if (did < k)
			return -EFAULT;
	}
	return 0;
}
