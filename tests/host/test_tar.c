/*
 * Tests of the kernel's TAR reader on the host, under ASan and UBSan.
 *
 *	test_tar                            the cases of test_tar_*.c
 *	test_tar mutate SEED COUNT FILE...  COUNT damaged copies of each archive
 *	test_tar exercise FILE...           archives as they are
 */
#include <stdio.h>
#include "fs/tarfs/tar_impl.h"
#include "uapi/errno.h"
#include "test_tar.h"

unsigned checks, failures;

void check_at(bool ok, const char *file, int line, const char *what)
{
	checks++;
	if (ok)
		return;
	failures++;
	printf("FAIL %s:%d: %s\n", file, line, what);
}

void grow(struct grown *g, const struct build *b)
{
	memset(g, 0, sizeof(*g));
	mem_source_init(&g->src, b->data, b->len);
	if (tar_tree_init(&g->t))
		abort();
	g->err = tar_tree_add(&g->t, &g->src.src);
	tar_check_tree(&g->t);
	g->left_out = g->t.skipped;
	if (g->err)
		printf("  refused at %lu: %s\n", g->t.err.offset, g->t.err.why);
}

int grow_more(struct grown *g, struct mem_source *src, const struct build *b)
{
	mem_source_init(src, b->data, b->len);
	g->err = tar_tree_add(&g->t, &src->src);
	tar_check_tree(&g->t);
	g->left_out = g->t.skipped;
	return g->err;
}

void grow_free(struct grown *g)
{
	tar_tree_free(&g->t);
	CHECK(alloc_live == 0);
}

struct tar_node *at(struct grown *g, const char *path)
{
	struct tar_node *n = g->t.root;

	while (n && *path) {
		size_t len = strcspn(path, "/");
		struct tar_name *e = n->type == TAR_DIR ? tar_find(n, path, len) : NULL;

		n = e ? e->node : NULL;
		path += len + (path[len] == '/');
	}
	return n;
}

bool holds(struct grown *g, const char *path, const char *data)
{
	struct tar_node *n = at(g, path);
	char buf[4096];

	if (!n || n->type != TAR_FILE || n->size != strlen(data) || n->size > sizeof(buf))
		return false;
	return !tar_read(n, 0, buf, n->size) && !memcmp(buf, data, n->size);
}

void expect_refused(struct build *b, int err, u64 offset, const char *why, int line)
{
	struct mem_source src;
	struct tar_tree t;
	int got;

	mem_source_init(&src, b->data, b->len);
	if (tar_tree_init(&t))
		abort();
	got = tar_tree_add(&t, &src.src);
	if (got != err || t.err.offset != offset || !t.err.why || !strstr(t.err.why, why))
		printf("line %d: got %d, offset %lu, \"%s\"\n", line, got, t.err.offset,
		       t.err.why ? t.err.why : "");
	check_at(got == err, __FILE__, line, "errno of a refused archive");
	check_at(t.err.offset == offset, __FILE__, line, "offset of a refused archive");
	check_at(t.err.why && strstr(t.err.why, why), __FILE__, line, "words of a refused archive");
	tar_check_tree(&t);
	tar_tree_free(&t);
	CHECK(alloc_live == 0);
	build_free(b);
}

void test_numbers(void)
{
	static const struct {
		const char *field;
		size_t n;
		int err;
		s64 value;
	} fields[] = {
		{ "0000644\0", 8, 0, 0644 },
		{ "   644 \0", 8, 0, 0644 },
		{ "644\0\377\377\377\377", 8, 0, 0644 },
		{ "\0 0644 \0", 8, 0, 0644 },
		{ "\0\0\0\0\0\0\0\0", 8, 0, 0 },
		{ "        ", 8, 0, 0 },
		{ "77777777", 8, 0, 077777777 },
		{ "777777777777", 12, 0, 0777777777777 },
		{ "0000648\0", 8, -EINVAL, 0 },
		{ "-000644\0", 8, -EINVAL, 0 },
		{ "0x12345\0", 8, -EINVAL, 0 },
		{ "\200\0\0\0\0\0\1\2", 8, 0, 258 },
		{ "\377\377\377\377\377\377\377\377", 8, 0, -1 },
		{ "\377\377\377\377\377\377\377\376\377\377\377\377", 12, 0, -(1L << 32) - 1 },
		{ "\200\0\0\0\177\377\377\377\377\377\377\377", 12, 0, S64_MAX },
		{ "\200\0\0\0\200\0\0\0\0\0\0\0", 12, -EOVERFLOW, 0 },
		{ "\377\377\377\377\200\0\0\0\0\0\0\0", 12, 0, S64_MIN },
		{ "\377\377\377\377\177\377\377\377\377\377\377\377", 12, -EOVERFLOW, 0 },
		{ "\200\1\0\0\0\0\0\0\0\0\0\0", 12, -EOVERFLOW, 0 },
	};
	static const struct {
		const char *s;
		int err;
		s64 sec;
		u32 nsec;
	} times[] = {
		{ "0", 0, 0, 0 },
		{ "1234567890", 0, 1234567890, 0 },
		{ "1.5", 0, 1, 500000000 },
		{ "1.000000001", 0, 1, 1 },
		{ "1.0000000019", 0, 1, 1 },
		{ "5.", 0, 5, 0 },
		{ ".25", 0, 0, 250000000 },
		{ "-1", 0, -1, 0 },
		{ "-1.25", 0, -2, 750000000 },
		{ "-.5", 0, -1, 500000000 },
		{ "-0.0000000001", 0, -1, 999999999 },
		{ "-0.9999999991", 0, -1, 0 },
		{ "-1.0", 0, -1, 0 },
		{ "9223372036854775807.9", 0, S64_MAX, 900000000 },
		{ "9223372036854775808", -EOVERFLOW, 0, 0 },
		{ "", -EINVAL, 0, 0 },
		{ "-", -EINVAL, 0, 0 },
		{ ".", -EINVAL, 0, 0 },
		{ "1.2.3", -EINVAL, 0, 0 },
		{ "1e9", -EINVAL, 0, 0 },
		{ "1.-5", -EINVAL, 0, 0 },
		{ " 1", -EINVAL, 0, 0 },
	};
	u32 id;
	u64 size;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		s64 v = 0;
		int err = tar_num((const u8 *)fields[i].field, fields[i].n, &v);

		if (err != fields[i].err || (!err && v != fields[i].value))
			printf("field %zu: %d, %ld\n", i, err, v);
		CHECK(err == fields[i].err && (err || v == fields[i].value));
	}
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		struct tar_time t = { 0, 0 };
		int err = tar_dec_time(times[i].s, strlen(times[i].s), &t);

		if (err != times[i].err ||
		    (!err && (t.sec != times[i].sec || t.nsec != times[i].nsec)))
			printf("time \"%s\": %d, %ld.%09u\n", times[i].s, err, t.sec, t.nsec);
		CHECK(err == times[i].err);
		CHECK(err || (t.sec == times[i].sec && t.nsec == times[i].nsec));
	}
	CHECK(!tar_num_id((const u8 *)"\377\377\377\377\377\377\377\376", 8, &id) &&
	      id == 0xfffffffe);
	CHECK(!tar_num_id((const u8 *)"\200\0\0\0\377\377\377\377", 8, &id) && id == 0xffffffff);
	CHECK(tar_num_id((const u8 *)"\200\0\0\1\0\0\0\0", 8, &id) == -EOVERFLOW);
	CHECK(tar_num_size((const u8 *)"\377\377\377\377\377\377\377\376", 8, &size) == -EINVAL);
}

static u64 rng_state;

static u64 rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

/* Damage of the kinds that disks, cables and malice do. */
static size_t mutate(u8 *d, size_t n)
{
	static const u8 interesting[] = {
		0,    1,   0x7f, 0x80, 0xff, ' ', '0', '7', '8', '9', '=',
		'\n', '/', '.',	 'x',  'g',  'L', 'K', 'S', '1', '2', '5'
	};
	unsigned times = 1 + (unsigned)(rng() % 8);

	while (times-- && n) {
		/* Mostly near a block's start, where the headers' fields are. */
		size_t p = rng() % n;
		u64 what = rng() % 8;

		if (rng() & 1)
			p = p / TAR_BLOCK * TAR_BLOCK + rng() % 300;
		if (p >= n)
			continue;
		switch (what) {
		case 0:
			d[p] ^= (u8)(1u << rng() % 8);
			break;
		case 1:
			d[p] = (u8)rng();
			break;
		case 2:
			d[p] = interesting[rng() % sizeof(interesting)];
			break;
		case 3: { /* a block comes twice */
			size_t from = rng() % n / TAR_BLOCK * TAR_BLOCK;
			size_t to = p / TAR_BLOCK * TAR_BLOCK;

			if (from + TAR_BLOCK <= n && to + TAR_BLOCK <= n)
				memmove(d + to, d + from, TAR_BLOCK);
			break;
		}
		case 4: { /* digits of a number */
			size_t len = 1 + rng() % 11;

			for (size_t i = p; i < p + len && i < n; i++)
				d[i] = (u8)('0' + rng() % 8);
			break;
		}
		case 5:
			memset(d + p, (int)rng(), n - p < 12 ? n - p : 12);
			break;
		case 6: { /* a block is lost */
			size_t to = p / TAR_BLOCK * TAR_BLOCK;

			if (to + TAR_BLOCK < n) {
				memmove(d + to, d + to + TAR_BLOCK, n - to - TAR_BLOCK);
				n -= TAR_BLOCK;
			}
			break;
		}
		default:
			if (rng() % 4 == 0)
				n = p;
			break;
		}
	}
	return n;
}

static u8 *load(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	size_t cap = 1 << 16;
	u8 *d = malloc(cap);

	*n = 0;
	if (!f || !d) {
		perror(path);
		exit(2);
	}
	for (;;) {
		size_t got = fread(d + *n, 1, cap - *n, f);

		*n += got;
		if (!got)
			break;
		if (*n == cap) {
			cap *= 2;
			d = realloc(d, cap);
			if (!d)
				exit(2);
		}
	}
	fclose(f);
	return d;
}

static int run_mutations(u64 seed, u64 count, char **paths, int n)
{
	u64 good = 0, bad = 0;

	for (int i = 0; i < n; i++) {
		size_t len;
		u8 *whole = load(paths[i], &len);
		u8 *copy = malloc(len + 1);

		rng_state = seed * 0x9e3779b97f4a7c15UL + (u64)i + 1;
		for (u64 k = 0; copy && k < count; k++) {
			size_t part;
			u8 *exact;

			memcpy(copy, whole, len);
			part = mutate(copy, len);
			if (rng() & 3)
				tar_repair(copy, part);
			/* Of its exact size, so that ASan sees a read behind it. */
			exact = malloc(part + 1);
			if (!exact)
				exit(2);
			memcpy(exact, copy, part);
			if (tar_exercise(exact, part, k % 8 == 0))
				bad++;
			else
				good++;
			free(exact);
		}
		free(copy);
		free(whole);
	}
	printf("mutations: %lu refused, %lu read\n", bad, good);
	return 0;
}

static int run_files(char **paths, int n)
{
	for (int i = 0; i < n; i++) {
		size_t len;
		u8 *d = load(paths[i], &len);
		int err = tar_exercise(d, len, true);

		printf("%s: %d\n", paths[i], err);
		free(d);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[1], "mutate"))
		return run_mutations(strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0), argv + 4,
				     argc - 4);
	if (argc > 2 && !strcmp(argv[1], "exercise"))
		return run_files(argv + 2, argc - 2);
	test_numbers();
	test_members();
	test_pax();
	test_sparse();
	test_tree();
	test_limits();
	test_index();
	printf("test_tar: %u checks, %u failed\n", checks, failures);
	return failures != 0;
}
