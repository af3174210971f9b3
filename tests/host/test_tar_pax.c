/*
 * pax extended headers and the five forms of sparse members.
 */
#include "uapi/errno.h"
#include "test_tar.h"

static const struct tar_xattr *xattr(const struct tar_node *n, const char *name)
{
	for (const struct tar_xattr *x = n ? n->xattrs : NULL; x; x = x->next) {
		if (!strcmp(x->name, name))
			return x;
	}
	return NULL;
}

static bool xattr_is(const struct tar_node *n, const char *name, const char *value)
{
	const struct tar_xattr *x = xattr(n, name);

	return x && x->value_len == strlen(value) &&
	       !memcmp(x->name + x->name_len + 1, value, x->value_len);
}

static void test_keywords(void)
{
	struct build b;
	struct grown g;
	struct tar_node *n;

	build_start(&b);
	build_pax(&b, 'g', "uid=77", "mtime=1000.5", "comment=nothing", "path=global", NULL);
	build_file(&b, "one", "1");
	build_pax(&b, 'x', "path=dir/two", "uid=88", "gid=-2", "size=3", "mtime=-1.25",
		  "atime=2.000000001", "ctime=3", "uname=somebody", "hdrcharset=BINARY",
		  "VENDOR.unknown=x", "SCHILY.xattr.user.a=1", "SCHILY.xattr.user.b%3Dc%25=2",
		  "SCHILY.xattr.user.a=3", "SCHILY.xattr.user.empty=", "RHT.security.selinux=ctx",
		  NULL);
	build_header(&b, &(struct hdr){ .name = "ignored", .size = 1 << 20 });
	build_bytes(&b, "222", 3);
	build_pax(&b, 'x', "path=", "uid=", NULL);
	build_file(&b, "three", "3");
	build_pax(&b, 'X', "path=sym", "linkpath=a target with = and\nnewline", NULL);
	build_link(&b, '2', "x", "y");
	build_pax(&b, 'g', "path=", "uid=", "mtime=", NULL);
	build_file(&b, "four", "4");
	grow(&g, &b);
	CHECK(g.err == 0);
	n = at(&g, "global");
	CHECK(n && n->uid == 77 && n->mtime == 1000 && n->mtime_nsec == 500000000);
	CHECK(n && n->atime == 1000 && n->atime_nsec == 500000000);
	n = at(&g, "dir/two");
	CHECK(n && n->uid == 88 && n->gid == 0xfffffffe && n->mtime == -2 &&
	      n->mtime_nsec == 750000000);
	CHECK(n && n->atime == 2 && n->atime_nsec == 1 && n->ctime == 3);
	CHECK(holds(&g, "dir/two", "222"));
	CHECK(xattr_is(n, "user.a", "3") && xattr_is(n, "user.b=c%", "2"));
	CHECK(xattr_is(n, "user.empty", "") && xattr_is(n, "security.selinux", "ctx"));
	/* An empty value takes the global one away too, for this member. */
	n = at(&g, "three");
	CHECK(n && n->uid == 0 && n->mtime == 1000 && holds(&g, "three", "3"));
	n = at(&g, "sym");
	CHECK(n && n->type == TAR_SYMLINK && !strcmp(n->target, "a target with = and\nnewline"));
	n = at(&g, "four");
	CHECK(n && n->uid == 0 && n->mtime == 0 && holds(&g, "four", "4"));
	grow_free(&g);
	build_free(&b);
}

static void test_global_xattrs(void)
{
	struct build b;
	struct grown g;

	build_start(&b);
	build_pax(&b, 'g', "SCHILY.xattr.user.g=global", "SCHILY.xattr.user.h=too", NULL);
	build_file(&b, "a", "1");
	build_pax(&b, 'x', "SCHILY.xattr.user.g=own", NULL);
	build_file(&b, "b", "1");
	grow(&g, &b);
	CHECK(xattr_is(at(&g, "a"), "user.g", "global") && xattr_is(at(&g, "a"), "user.h", "too"));
	CHECK(xattr_is(at(&g, "b"), "user.g", "own") && xattr_is(at(&g, "b"), "user.h", "too"));
	grow_free(&g);
	build_free(&b);
}

static void test_strength(void)
{
	struct build b;
	struct grown g;

	/* pax over GNU over the header. */
	build_start(&b);
	build_gnu_name(&b, 'L', "gnu-name");
	build_pax(&b, 'x', "path=pax-name", NULL);
	build_file(&b, "header-name", "1");
	build_pax(&b, 'x', "mtime=5", NULL);
	build_gnu_name(&b, 'L', "gnu-again");
	build_file(&b, "header-name", "2");
	/* A second local header replaces the first. */
	build_pax(&b, 'x', "path=first", "mtime=7", NULL);
	build_pax(&b, 'x', "path=second", NULL);
	build_file(&b, "x", "3");
	grow(&g, &b);
	CHECK(g.err == 0 && holds(&g, "pax-name", "1") && holds(&g, "gnu-again", "2"));
	CHECK(at(&g, "gnu-again") && at(&g, "gnu-again")->mtime == 5);
	CHECK(holds(&g, "second", "3") && at(&g, "second")->mtime == 0 && !at(&g, "first"));
	grow_free(&g);
	build_free(&b);
}

/* Free space as the book describes it: a global header that is one comment. */
static void test_pads(void)
{
	static char pad[1 << 20];
	struct build b;
	struct grown g;
	int n = snprintf(pad, sizeof(pad), "%zu comment=", sizeof(pad));

	memset(pad + n, 'x', sizeof(pad) - (size_t)n);
	pad[sizeof(pad) - 1] = '\n';
	build_start(&b);
	build_file(&b, "before", "1");
	build_pax_raw(&b, 'g', pad, sizeof(pad));
	build_pax_raw(&b, 'g', "13 comment=a\n", 13);
	build_file(&b, "after", "2");
	build_pax_raw(&b, 'g', pad, sizeof(pad));
	build_end(&b);
	grow(&g, &b);
	CHECK(g.err == 0 && holds(&g, "before", "1") && holds(&g, "after", "2"));
	grow_free(&g);
	pad[sizeof(pad) - 1] = 'x';
	build_free(&b);
	build_start(&b);
	build_pax_raw(&b, 'g', pad, sizeof(pad));
	expect_refused(&b, -EINVAL, 512, "without a newline", __LINE__);
}

static void refuse_record(const char *text, size_t n, int err, const char *why, int line)
{
	struct build b;

	build_start(&b);
	build_file(&b, "first", "1");
	build_pax_raw(&b, 'x', text, n);
	build_file(&b, "second", "2");
	expect_refused(&b, err, 1536, why, line);
}

static void test_bad_records(void)
{
	char longer[5000];
	struct build b;
	struct grown g;
	int n;

#define REFUSE(text, err, why) refuse_record(text, sizeof(text) - 1, err, why, __LINE__)
	REFUSE("path=x\n", -EINVAL, "without a length");
	REFUSE("10path=xx\n", -EINVAL, "without a length");
	REFUSE("99 path=xx\n", -EINVAL, "longer than its header");
	REFUSE("18446744073709551627 path=xx\n", -EINVAL, "longer than its header");
	REFUSE("3 path=xx\n", -EINVAL, "shorter than its length");
	REFUSE("8 path=xx\n", -EINVAL, "without a newline");
	REFUSE("7 path=xx\n", -EINVAL, "without");
	REFUSE("10 pathxx\n", -EINVAL, "without '='");
	REFUSE("11 pa\0h=xx\n", -EINVAL, "NUL byte in a pax keyword");
	REFUSE("11 path=x\0\n", -EINVAL, "NUL byte inside a name");
	REFUSE("10 size=x\n", -EINVAL, "malformed number");
	REFUSE("11 size=-1\n", -EOVERFLOW, "out of range");
	REFUSE("28 size=9223372036854775808\n", -EOVERFLOW, "out of range");
	REFUSE("18 uid=4294967296\n", -EOVERFLOW, "out of range");
	REFUSE("13 mtime=abc\n", -EINVAL, "malformed time");
	REFUSE("17 SCHILY.xattr.=\n", -EINVAL, "without a newline");
	REFUSE("18 SCHILY.xattr.=\n", -EINVAL, "bad name");
	REFUSE("22 GNU.sparse.major=2\n", -EINVAL, "unknown GNU.sparse");
	REFUSE("25 GNU.sparse.numbytes=5\n", -EINVAL, "without an offset");
#undef REFUSE
	/* NULs end the records, as GNU tar has it; blanks before a length are skipped. */
	build_start(&b);
	build_pax_raw(&b, 'x', "  11 path=ok\n\0\0\0\0junk", 21);
	build_file(&b, "x", "1");
	grow(&g, &b);
	CHECK(g.err == 0 && holds(&g, "ok", "1"));
	grow_free(&g);
	build_free(&b);

	memset(longer, 'p', sizeof(longer));
	n = snprintf(longer, sizeof(longer), "4107 path=");
	longer[n] = 'p';
	longer[4106] = '\n';
	refuse_record(longer, 4107, -ENAMETOOLONG, "name too long", __LINE__);
	/* A keyword longer than any that means something is passed over. */
	memset(longer, 'k', sizeof(longer));
	memcpy(longer, "5000 ", 5);
	longer[4998] = '=';
	longer[4999] = '\n';
	build_start(&b);
	build_pax_raw(&b, 'x', longer, 5000);
	build_file(&b, "x", "1");
	grow(&g, &b);
	CHECK(g.err == 0 && holds(&g, "x", "1"));
	grow_free(&g);
	build_free(&b);
}

static void test_xattr_limits(void)
{
	static char text[200000];
	struct build b;
	struct grown g;
	size_t n = 0;

	for (int i = 0; i < 1024; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "28 SCHILY.xattr.user.%04d=x\n",
				      i);
	build_start(&b);
	build_pax_raw(&b, 'x', text, n);
	build_file(&b, "x", "1");
	grow(&g, &b);
	CHECK(g.err == 0 && xattr_is(at(&g, "x"), "user.1023", "x"));
	grow_free(&g);
	build_free(&b);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "28 SCHILY.xattr.user.%04d=x\n", 1024);
	build_start(&b);
	build_pax_raw(&b, 'x', text, n);
	build_file(&b, "x", "1");
	expect_refused(&b, -E2BIG, 512 + n - 28, "too many", __LINE__);

	memset(text, 'v', sizeof(text));
	memcpy(text, "65560 SCHILY.xattr.u.x=", 23);
	text[65559] = '\n';
	build_start(&b);
	build_pax_raw(&b, 'x', text, 65560);
	build_file(&b, "x", "1");
	grow(&g, &b);
	CHECK(g.err == 0 && xattr(at(&g, "x"), "u.x") &&
	      xattr(at(&g, "x"), "u.x")->value_len == 65536);
	grow_free(&g);
	build_free(&b);
	text[65559] = 'v';
	text[65560] = '\n';
	text[4] = '1';
	build_start(&b);
	build_pax_raw(&b, 'x', text, 65561);
	build_file(&b, "x", "1");
	expect_refused(&b, -E2BIG, 512, "too large", __LINE__);
}

void test_pax(void)
{
	test_keywords();
	test_global_xattrs();
	test_strength();
	test_pads();
	test_bad_records();
	test_xattr_limits();
}

/* A file of `size` bytes whose data are "abc" at 1000, and "de" at its end. */
static bool is_example(struct grown *g, const char *path)
{
	char want[3000], got[3000];
	struct tar_node *n = at(g, path);

	memset(want, 0, sizeof(want));
	memcpy(want + 1000, "abc", 3);
	memcpy(want + 2998, "de", 2);
	if (!n || n->size != 3000 || tar_read(n, 0, got, 3000) || memcmp(got, want, 3000))
		return false;
	for (u64 pos = 0; pos < 3000; pos += 7) {
		u64 part = 3000 - pos < 100 ? 3000 - pos : 100;

		if (tar_read(n, pos, got, part) || memcmp(got, want + pos, part))
			return false;
	}
	return true;
}

static void put_entry(u8 *e, u64 off, u64 len)
{
	put_octal(e, 12, off);
	put_octal(e + 12, 12, len);
}

static void test_sparse_headers(void)
{
	struct build b;
	struct grown g;
	u8 *h;

	/* GNU's old header: one entry in it, the rest in continuations. */
	build_start(&b);
	h = build_header(&b,
			 &(struct hdr){ .name = "old", .type = 'S', .size = 5, .magic = "gnu" });
	put_entry(h + 386, 1000, 3);
	put_entry(h + 410, 2998, 2);
	put_octal(h + 483, 12, 3000);
	build_sum(h, false);
	build_bytes(&b, "abcde", 5);
	h = build_header(&b,
			 &(struct hdr){ .name = "more", .type = 'S', .size = 5, .magic = "gnu" });
	for (unsigned i = 0; i < 4; i++)
		put_entry(h + 386 + 24 * i, 1000 + i, i < 3);
	h[482] = 1;
	put_octal(h + 483, 12, 3000);
	build_sum(h, false);
	h = build_block(&b);
	for (unsigned i = 0; i < 21; i++)
		put_entry(h + 24 * i, 1100 + i, 0);
	h[504] = 1;
	h = build_block(&b);
	put_entry(h, 2998, 2);
	put_entry(h + 24, 3000, 0);
	build_bytes(&b, "abcde", 5);
	h = build_header(&b, &(struct hdr){ .name = "star", .type = 'S', .size = 5 });
	put_entry(h + 356, 1000, 3);
	put_entry(h + 380, 2998, 2);
	put_octal(h + 452, 12, 3000);
	memcpy(h + 476, "00000000144 00000000310 ", 24);
	memcpy(h + 508, "tar", 4);
	build_sum(h, false);
	build_bytes(&b, "abcde", 5);
	h = build_header(&b, &(struct hdr){ .name = "hole", .type = 'S', .magic = "gnu" });
	put_base256(h + 483, 12, 1L << 50);
	build_sum(h, false);
	build_file(&b, "after", "x");
	grow(&g, &b);
	CHECK(g.err == 0);
	CHECK(is_example(&g, "old") && is_example(&g, "more") && is_example(&g, "star"));
	CHECK(at(&g, "more") && at(&g, "more")->extents == 2);
	CHECK(at(&g, "hole") && at(&g, "hole")->size == 1L << 50 && !at(&g, "hole")->file.src);
	CHECK(holds(&g, "after", "x"));
	grow_free(&g);
	build_free(&b);
}

static void test_sparse_pax(void)
{
	struct build b;
	struct grown g;

	build_start(&b);
	build_pax(&b, 'x', "GNU.sparse.size=3000", "GNU.sparse.numblocks=3",
		  "GNU.sparse.offset=1000", "GNU.sparse.numbytes=3", "GNU.sparse.offset=2998",
		  "GNU.sparse.numbytes=2", "GNU.sparse.offset=3000", "GNU.sparse.numbytes=0", NULL);
	build_file(&b, "v00", "abcde");
	build_pax(&b, 'x', "GNU.sparse.size=3000", "GNU.sparse.numblocks=3", "GNU.sparse.name=v01",
		  "GNU.sparse.map=1000,3,2998,2,3000,0", "path=not-this", NULL);
	build_file(&b, "GNUSparseFile.0/x", "abcde");
	build_pax(&b, 'x', "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=v10",
		  "GNU.sparse.realsize=3000", NULL);
	build_header(&b, &(struct hdr){ .name = "GNUSparseFile.0/y", .size = 517 });
	build_bytes(&b, "2\n1000\n3\n2998\n2\n", 16);
	build_bytes(&b, "abcde", 5);
	build_pax(&b, 'x', "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=hole",
		  "GNU.sparse.realsize=1000000", NULL);
	build_header(&b, &(struct hdr){ .name = "z", .size = 512 });
	build_bytes(&b, "1\n1000000\n0\n", 12);
	/* Sparse words in a global header, or about a directory, mean nothing. */
	build_pax(&b, 'g', "GNU.sparse.major=1", "GNU.sparse.name=nobody", NULL);
	build_file(&b, "after", "x");
	build_pax(&b, 'x', "GNU.sparse.map=0,5", NULL);
	build_dir(&b, "dir");
	grow(&g, &b);
	CHECK(g.err == 0);
	CHECK(is_example(&g, "v00") && is_example(&g, "v01") && is_example(&g, "v10"));
	CHECK(at(&g, "hole") && at(&g, "hole")->size == 1000000 && !at(&g, "hole")->file.src);
	CHECK(holds(&g, "after", "x") && at(&g, "dir") && at(&g, "dir")->type == TAR_DIR);
	grow_free(&g);
	build_free(&b);
}

static void refuse_map(const char *map, const char *size, int err, const char *why, bool at_header,
		       int line)
{
	char map_rec[200], size_rec[64];
	struct build b;

	snprintf(map_rec, sizeof(map_rec), "GNU.sparse.map=%s", map);
	snprintf(size_rec, sizeof(size_rec), "GNU.sparse.size=%s", size);
	build_start(&b);
	build_pax(&b, 'x', map_rec, size_rec, NULL);
	build_file(&b, "f", "abcde");
	if (at_header) {
		expect_refused(&b, err, 1024, why, line);
	} else {
		struct grown g;

		grow(&g, &b);
		check_at(g.err == err && g.t.err.why && strstr(g.t.err.why, why), __FILE__, line,
			 map);
		grow_free(&g);
		build_free(&b);
	}
}

static void test_bad_maps(void)
{
	struct build b;
	u8 *h;

	refuse_map("10,3,5,2", "3000", -EINVAL, "not in order", false, __LINE__);
	refuse_map("10,3,12,2", "3000", -EINVAL, "not in order", false, __LINE__);
	refuse_map("10,3,13,2", "14", -EINVAL, "beyond the end", true, __LINE__);
	refuse_map("0,6", "3000", -EINVAL, "larger than its member", true, __LINE__);
	refuse_map("0,1000000", "3000000", -EINVAL, "larger than the archive", false, __LINE__);
	refuse_map("9223372036854775807,1", "9223372036854775807", -EOVERFLOW, "beyond", false,
		   __LINE__);
	refuse_map("9223372036854775808,1", "5", -EOVERFLOW, "too large", false, __LINE__);
	refuse_map("1", "5", -EINVAL, "malformed", false, __LINE__);
	refuse_map("1,", "5", -EINVAL, "missing", false, __LINE__);
	refuse_map("1;2", "5", -EINVAL, "malformed", false, __LINE__);
	refuse_map("1,2;3,4", "5", -EINVAL, "malformed", false, __LINE__);
	refuse_map("a,b", "5", -EINVAL, "missing", false, __LINE__);
	refuse_map("-1,2", "5", -EINVAL, "missing", false, __LINE__);

	build_start(&b);
	build_pax(&b, 'x', "GNU.sparse.major=1", "GNU.sparse.realsize=3000", NULL);
	build_header(&b, &(struct hdr){ .name = "y", .size = 512 });
	build_bytes(&b, "99999999999\n0\n1\n", 16);
	expect_refused(&b, -EINVAL, 1553, "number missing", __LINE__);

	build_start(&b);
	build_pax(&b, 'x', "GNU.sparse.major=1", "GNU.sparse.realsize=3000", NULL);
	build_header(&b, &(struct hdr){ .name = "y", .size = 4 });
	build_bytes(&b, "0\nxx", 4);
	expect_refused(&b, -EINVAL, 1536, "larger than its member", __LINE__);

	build_start(&b);
	h = build_header(&b, &(struct hdr){ .name = "s", .type = 'S', .magic = "gnu" });
	h[482] = 1;
	build_sum(h, false);
	expect_refused(&b, -EINVAL, 512, "cut off", __LINE__);

	build_start(&b);
	h = build_header(&b, &(struct hdr){ .name = "s", .type = 'S', .magic = "gnu" });
	memset(h + 386, 'z', 24);
	build_sum(h, false);
	expect_refused(&b, -EINVAL, 0, "bad number", __LINE__);
}

void test_sparse(void)
{
	test_sparse_headers();
	test_sparse_pax();
	test_bad_maps();
}
