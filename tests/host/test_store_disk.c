/*
 * A disk in memory that loses power: it keeps what every flush made durable, and each sector
 * written since. A sector is written whole or not at all, in any order with others.
 */
#include "uapi/errno.h"
#include "test_store.h"

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

static bool failing(struct sim_disk *s)
{
	if (s->fail_in < 0)
		return false;
	if (s->fail_in == 0)
		return true;
	s->fail_in--;
	return false;
}

static int sim_read(struct tar_disk *d, u64 off, void *buf, size_t n)
{
	struct sim_disk *s = (struct sim_disk *)d;

	if (off % TAR_BLOCK || n % TAR_BLOCK || off > d->size || n > d->size - off)
		abort();
	memcpy(buf, s->now + off, n);
	return 0;
}

static int sim_write(struct tar_disk *d, u64 off, const void *buf, size_t n)
{
	struct sim_disk *s = (struct sim_disk *)d;
	const u8 *from = buf;

	if (off % TAR_BLOCK || n % TAR_BLOCK || off > d->size || n > d->size - off)
		abort();
	if (failing(s))
		return -EIO;
	s->writes++;
	memcpy(s->now + off, buf, n);
	for (; n; n -= TAR_BLOCK, off += TAR_BLOCK, from += TAR_BLOCK) {
		if (!s->stable)
			continue;
		if (s->count == s->cap) {
			s->cap = s->cap ? s->cap * 2 : 64;
			s->pending = need(realloc(s->pending, s->cap * sizeof(*s->pending)));
		}
		s->pending[s->count].sector = off / TAR_BLOCK;
		memcpy(s->pending[s->count++].data, from, TAR_BLOCK);
	}
	return 0;
}

static int sim_flush(struct tar_disk *d)
{
	struct sim_disk *s = (struct sim_disk *)d;

	if (s->before_flush)
		s->before_flush(s);
	if (failing(s))
		return -EIO;
	s->flushes++;
	for (size_t i = 0; i < s->count; i++)
		memcpy(s->stable + s->pending[i].sector * TAR_BLOCK, s->pending[i].data, TAR_BLOCK);
	s->count = 0;
	return 0;
}

void sim_init(struct sim_disk *s, size_t size)
{
	memset(s, 0, sizeof(*s));
	s->d = (struct tar_disk){ sim_read, sim_write, sim_flush, size };
	s->now = need(calloc(1, size));
	s->stable = need(calloc(1, size));
	s->fail_in = -1;
}

void sim_copy(struct sim_disk *s, const u8 *data, size_t size)
{
	memset(s, 0, sizeof(*s));
	s->d = (struct tar_disk){ sim_read, sim_write, sim_flush, size };
	s->now = need(malloc(size));
	memcpy(s->now, data, size);
	s->fail_in = -1;
}

void sim_free(struct sim_disk *s)
{
	free(s->now);
	free(s->stable);
	free(s->pending);
}

/*
 * Writes of one sector stay in order: any later one that arrives hides the earlier ones. So a
 * later write that is lost while an earlier one is not is a sector's older version.
 */
void sim_cut(const struct sim_disk *s, u8 *out, unsigned percent)
{
	memcpy(out, s->stable, s->d.size);
	for (size_t i = 0; i < s->count; i++) {
		if (below(100) < percent)
			memcpy(out + s->pending[i].sector * TAR_BLOCK, s->pending[i].data,
			       TAR_BLOCK);
	}
}
