/*
 * libFuzzer target: any bytes as an index, its checksums made right, or (first byte odd) as the
 * sectors themselves. It is taken or not; what is taken is a tree like any other.
 */
#include "lib/crc32c.h"
#include "test_tar.h"
#include "test_tar_index.h"

#define SEQ 3
#define END 64 /* sectors of archive */

unsigned checks, failures; /* test_tar.c's, for check_at */

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

void check_at(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return;
	printf("%s:%d: %s\n", file, line, what);
	abort();
}

/* data as the payload of chunks behind a head that says so. */
static void wrap(struct mem_disk *m, const u8 *data, size_t n)
{
	u64 chunks = DIV_ROUND_UP(n, INDEX_PAYLOAD);
	struct index_head *h;

	m->sb.index_sectors = 1 + chunks * (INDEX_CHUNK / STORE_SECTOR);
	m->sb.index = m->sb.journal - m->sb.index_sectors;
	h = (struct index_head *)(m->data + m->sb.index * STORE_SECTOR);
	memcpy(h->magic, INDEX_MAGIC, 8);
	h->seq = SEQ;
	h->end = END;
	h->chunks = chunks;
	/* What it says of itself comes from the input too. */
	h->nodes = n > 2 ? data[1] : 1;
	h->pads = n > 2 ? data[2] & 7 : 0;
	h->tail_crc = crc32c(0, m->data + (END - 1) * STORE_SECTOR, 3 * STORE_SECTOR);
	h->crc = crc32c(0, h, sizeof(*h));
	data += n > 2 ? 3 : 0;
	n -= n > 2 ? 3 : 0;
	for (u64 i = 0; i < chunks; i++) {
		u8 *at = (u8 *)(h + 1) + i * INDEX_CHUNK;
		struct index_chunk *c = (struct index_chunk *)at;

		c->used = (u32)min(n, (size_t)INDEX_PAYLOAD);
		memcpy(c + 1, data, c->used);
		data += c->used;
		n -= c->used;
		c->crc = crc32c((u32)(SEQ + i), at + 4, INDEX_CHUNK - 4);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	static u8 zeros[END * TAR_BLOCK];
	long live = alloc_live;
	struct mem_disk m;
	struct tar_tree t;
	int got;

	if (!n)
		return 0;
	mem_disk_init(&m, zeros, sizeof(zeros), ALIGN_UP(n, INDEX_CHUNK) + 128 * STORE_SECTOR);
	m.sb.journal = m.sb.sectors - 9;
	if (data[0] & 1) {
		m.sb.index = END + 4;
		m.sb.index_sectors = m.sb.journal - m.sb.index;
		memcpy(m.data + m.sb.index * STORE_SECTOR, data, n);
	} else {
		wrap(&m, data + 1, n - 1);
	}
	if (tar_tree_init(&t))
		abort();
	got = tar_index_read(&t, &m.src.src, &m.sb, SEQ, NULL);
	if (got < 0 || (got == 0 && t.nodes != 1))
		abort();
	tar_check_tree(&t);
	tar_tree_free(&t);
	mem_disk_free(&m);
	if (alloc_live != live)
		abort();
	return 0;
}
