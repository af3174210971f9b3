/*
 * The index: what is written is read again, and what is not what was written is
 * taken for none. Part of test_tar; fuzz_index.c shares the disk and the shapes.
 */
#include "fs/tarfs/index.h"
#include "lib/crc32c.h"
#include "test_tar.h"
#include "test_tar_index.h"
#include "uapi/errno.h"

static int mem_disk_read(struct tar_disk *d, u64 off, void *buf, size_t n)
{
	struct mem_disk *m = container_of(d, struct mem_disk, d);

	if (off > d->size || n > d->size - off || off % TAR_BLOCK || n % TAR_BLOCK)
		abort();
	memcpy(buf, m->data + off, n);
	return 0;
}

static int mem_disk_write(struct tar_disk *d, u64 off, const void *buf, size_t n)
{
	struct mem_disk *m = container_of(d, struct mem_disk, d);

	if (off > d->size || n > d->size - off || off % TAR_BLOCK || n % TAR_BLOCK)
		abort();
	memcpy(m->data + off, buf, n);
	return 0;
}

static int mem_disk_flush(struct tar_disk *d)
{
	(void)d;
	return 0;
}

void mem_disk_init(struct mem_disk *m, const void *archive, size_t n, size_t size)
{
	memset(m, 0, sizeof(*m));
	m->data = calloc(1, size);
	if (!m->data)
		abort();
	memcpy(m->data, archive, n);
	m->d = (struct tar_disk){ mem_disk_read, mem_disk_write, mem_disk_flush, size };
	mem_source_init(&m->src, m->data, size);
	memcpy(m->sb.magic, STORE_MAGIC, 8);
	m->sb.version = STORE_VERSION;
	m->sb.sectors = size / STORE_SECTOR;
	m->sb.journal_sectors = STORE_JOURNAL_MIN;
	m->sb.journal = m->sb.sectors - 1 - STORE_JOURNAL_MIN;
}

void mem_disk_free(struct mem_disk *m)
{
	free(m->data);
}

static int placed(struct tar_tree *t, const struct tar_member *m, struct tar_name *e, bool root,
		  bool plain)
{
	(void)t;
	(void)root;
	if (!e || !m)
		return 0;
	e->first = m->first / TAR_BLOCK;
	e->headers = (m->data - m->first) / TAR_BLOCK;
	e->marks = plain ? 0x10 : 0;
	if (e->node->type == TAR_FILE && e->node->names == e)
		e->node->file.used = (m->end - m->data) / TAR_BLOCK;
	return 0;
}

/* The tree of the disk's archive; its end in sectors. */
static u64 scan(struct mem_disk *m, struct tar_tree *t)
{
	CHECK(!tar_tree_init(t));
	t->placed = placed;
	CHECK(!tar_tree_add(t, &m->src.src));
	return t->end / TAR_BLOCK;
}

static void build_all(struct build *b)
{
	char name[300], target[300];

	build_start(b);
	build_dir(b, "etc/");
	build_file(b, "etc/passwd", "root");
	build_pax(b, 'x', "mtime=-12.5", "SCHILY.xattr.user.one=1", "SCHILY.xattr.user.two=", NULL);
	build_file(b, "etc/more", "attributes");
	build_link(b, '1', "etc/again", "etc/passwd");
	build_link(b, '1', "a-first", "etc/passwd");
	build_link(b, '2', "sym", "etc/passwd");
	build_pax(b, 'x', "GNU.sparse.major=0", "GNU.sparse.minor=1", "GNU.sparse.realsize=100000",
		  "GNU.sparse.map=10,3,5000,4", NULL);
	build_file(b, "sparse", "onetwo!");
	build_pax(b, 'x', "GNU.sparse.major=0", "GNU.sparse.minor=1", "GNU.sparse.realsize=7777",
		  "GNU.sparse.map=7777,0", NULL);
	build_file(b, "hole", "");
	put_octal(build_header(b, &(struct hdr){ .name = "dev", .type = '3' }) + 329, 8, 5);
	build_sum(b->data + b->len - TAR_BLOCK, false);
	build_header(b, &(struct hdr){ .name = "fifo", .type = '6' });
	for (int i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "deep%d/er%d/file with a longer name %d", i % 7,
			 i % 61, i);
		snprintf(target, sizeof(target), "../%d", i * 1000003);
		if (i % 5)
			build_file(b, name, target);
		else
			build_link(b, '2', name, target);
	}
	build_end(b);
}

static struct tar_name *other(const struct tar_node *dir, const struct tar_name *e)
{
	return tar_find(dir, e->name, e->len);
}

/* Are two trees one? */
static bool same(const struct tar_tree *x, const struct tar_tree *y)
{
	const struct tar_node *a = x->root, *b = y->root;
	u64 cookie = 0;

	for (;;) {
		struct tar_name *e = tar_seek(a, cookie), *f;

		if (!e && a == x->root)
			return x->nodes == y->nodes;
		if (!e) {
			cookie = a->names->cookie + 1;
			a = a->dir.parent;
			b = b->dir.parent;
			continue;
		}
		cookie = e->cookie + 1;
		f = other(b, e);
		if (!f || e->first != f->first || e->headers != f->headers || e->marks != f->marks)
			return false;
		if (e->node->type != f->node->type || e->node->mode != f->node->mode ||
		    e->node->nlink != f->node->nlink || e->node->size != f->node->size ||
		    e->node->mtime != f->node->mtime ||
		    e->node->mtime_nsec != f->node->mtime_nsec ||
		    (e->node->names == e) != (f->node->names == f))
			return false;
		if (e->node->type == TAR_FILE &&
		    (e->node->file.used != f->node->file.used ||
		     e->node->extents != f->node->extents ||
		     !e->node->file.src != !f->node->file.src ||
		     (e->node->file.src && e->node->file.data != f->node->file.data)))
			return false;
		if (e->node->type == TAR_SYMLINK && strcmp(e->node->target, f->node->target) != 0)
			return false;
		if (!e->node->xattrs != !f->node->xattrs)
			return false;
		if (e->node->type == TAR_DIR) {
			a = e->node;
			b = f->node;
			cookie = 0;
		}
	}
}

struct pads {
	struct index_pad v[3];
	unsigned taken;
};

static int next_pad(void *arg, u64 from, struct index_pad *pad)
{
	struct pads *p = arg;

	for (unsigned i = 0; i < 3; i++) {
		if (p->v[i].sector >= from) {
			*pad = p->v[i];
			return 1;
		}
	}
	return 0;
}

static int take_pad(void *arg, const struct index_pad *pad)
{
	struct pads *p = arg;

	CHECK(p->taken < 3 && pad->sector == p->v[p->taken].sector &&
	      pad->sectors == p->v[p->taken].sectors);
	p->taken++;
	return 0;
}

/* Nothing was taken: an empty tree is an empty tree. */
static bool untouched(const struct tar_tree *t)
{
	return t->nodes == 1 && tar_dir_empty(t->root);
}

static void damage(struct mem_disk *m, u64 seq)
{
	u8 *index = m->data + m->sb.index * STORE_SECTOR;
	size_t size = m->sb.index_sectors * STORE_SECTOR;
	struct tar_tree t;

	for (unsigned i = 0; i < 400; i++) {
		u8 *at = index + (i < 64 ? i : (size_t)i * 7919 % size);
		u8 old = *at;
		int got;

		*at ^= 1 << i % 8;
		CHECK(!tar_tree_init(&t));
		got = tar_index_read(&t, &m->src.src, &m->sb, seq, NULL);
		CHECK(got == 0 && untouched(&t));
		tar_tree_free(&t);
		*at = old;
	}
}

static void no_memory(struct mem_disk *m, u64 seq)
{
	struct tar_tree t;
	long live;
	int got;

	for (long i = 0; i < 3000; i += i < 60 ? 1 : 97) {
		CHECK(!tar_tree_init(&t));
		live = alloc_live;
		alloc_fail_at = i;
		got = tar_index_read(&t, &m->src.src, &m->sb, seq, NULL);
		alloc_fail_at = -1;
		CHECK(got == -ENOMEM || got == 1);
		if (got < 0)
			CHECK(untouched(&t) && alloc_live == live);
		tar_tree_free(&t);
	}
}

void test_index(void)
{
	struct pads pads = { .v = { { 10, 3, false }, { 13, 1, false }, { 40, 2, false } } };
	struct index_store store = { .next = next_pad,
				     .take = take_pad,
				     .arg = &pads,
				     .root_first = 5,
				     .root_headers = 1,
				     .root_marks = 3 };
	struct tar_tree t, again;
	struct mem_disk m;
	struct build b;
	u64 end;

	build_all(&b);
	mem_disk_init(&m, b.data, b.len, b.len / STORE_SECTOR * STORE_SECTOR + (4 << 20));
	end = scan(&m, &t);
	CHECK(end * TAR_BLOCK == b.len - 1024);
	CHECK(tar_index_write(&t, &m.d, &m.sb, 7, end, &store) == 0);
	CHECK(m.sb.index && m.sb.index + m.sb.index_sectors == m.sb.journal);
	CHECK(!memcmp(m.data + (m.sb.sectors - 1) * STORE_SECTOR, &m.sb, sizeof(m.sb)));

	CHECK(!tar_tree_init(&again));
	store.root_first = store.root_headers = store.root_marks = 0;
	CHECK(tar_index_read(&again, &m.src.src, &m.sb, 7, &store) == 1);
	CHECK(store.root_first == 5 && store.root_headers == 1 && store.root_marks == 3);
	CHECK(store.end == end && again.end == t.end);
	CHECK(pads.taken == 3);
	CHECK(again.members == t.members);
	CHECK(same(&t, &again) && same(&again, &t));
	tar_check_tree(&again);
	tar_tree_free(&again);

	CHECK(!tar_tree_init(&again));
	CHECK(tar_index_read(&again, &m.src.src, &m.sb, 8, NULL) == 0 && untouched(&again));
	m.data[end * TAR_BLOCK + 600] = 1; /* somebody appended */
	CHECK(tar_index_read(&again, &m.src.src, &m.sb, 7, NULL) == 0 && untouched(&again));
	m.data[end * TAR_BLOCK + 600] = 0;
	tar_tree_free(&again);
	damage(&m, 7);
	no_memory(&m, 7);

	/* No room: the superblock keeps its index. */
	m.sb.index = 0;
	m.sb.journal = end + 20;
	CHECK(tar_index_write(&t, &m.d, &m.sb, 7, end, NULL) == -ENOSPC && !m.sb.index);
	tar_tree_free(&t);
	mem_disk_free(&m);
	build_free(&b);
}
