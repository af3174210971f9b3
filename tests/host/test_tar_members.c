/*
 * Headers of every format, types, and where an archive ends.
 */
#include "uapi/errno.h"
#include "test_tar.h"

static void test_formats(void)
{
	struct build b;
	struct grown g;
	u8 *h;

	build_start(&b);
	build_header(&b,
		     &(struct hdr){ .name = "olddir/", .type = '0', .magic = "v7", .mode = 0700 });
	h = build_header(&b, &(struct hdr){ .name = "olddir/plain", .magic = "v7", .size = 3 });
	h[156] = '\0';
	build_sum(h, false);
	build_bytes(&b, "abc", 3);
	build_header(&b, &(struct hdr){ .name = "file", .prefix = "deep/er", .size = 1 });
	build_bytes(&b, "x", 1);
	build_header(&b, &(struct hdr){ .name = "contiguous", .type = '7', .size = 2 });
	build_bytes(&b, "yz", 2);
	build_header(&b, &(struct hdr){ .name = "unknown", .type = 'Q', .size = 2 });
	build_bytes(&b, "qq", 2);
	build_header(&b, &(struct hdr){ .name = "label", .type = 'V', .magic = "gnu" });
	build_header(&b, &(struct hdr){ .name = "dump/", .type = 'D', .size = 6, .magic = "gnu" });
	build_bytes(&b, "Yone\0\0", 6);
	/* A name of 100 bytes has no NUL; bytes above 127 make the two checksums differ. */
	build_header(&b, &(struct hdr){ .name = "\377\376\375", .size = 1, .signed_sum = true });
	build_bytes(&b, "s", 1);
	build_header(&b, &(struct hdr){ .name = "\377\376\374", .size = 1 });
	build_bytes(&b, "u", 1);
	build_header(
		&b,
		&(struct hdr){
			.name = "0123456789012345678901234567890123456789012345678901234567890123456789"
				"012345678901234567890123456789",
			.size = 1 });
	build_bytes(&b, "h", 1);
	build_end(&b);
	grow(&g, &b);
	CHECK(g.err == 0 && g.left_out == 0);
	CHECK(at(&g, "olddir") && at(&g, "olddir")->type == TAR_DIR &&
	      at(&g, "olddir")->mode == 0700);
	CHECK(holds(&g, "olddir/plain", "abc"));
	CHECK(holds(&g, "deep/er/file", "x"));
	CHECK(holds(&g, "contiguous", "yz"));
	CHECK(holds(&g, "unknown", "qq"));
	CHECK(!at(&g, "label"));
	CHECK(at(&g, "dump") && at(&g, "dump")->type == TAR_DIR);
	CHECK(holds(&g, "\377\376\375", "s") && holds(&g, "\377\376\374", "u"));
	CHECK(holds(&g,
		    "0123456789012345678901234567890123456789012345678901234567890123456789"
		    "012345678901234567890123456789",
		    "h"));
	grow_free(&g);
	build_free(&b);
}

static void test_devices(void)
{
	struct build b;
	struct grown g;
	struct tar_node *n;
	u8 *h;

	build_start(&b);
	h = build_header(&b, &(struct hdr){ .name = "null", .type = '3', .mode = 0666 });
	put_octal(h + 329, 8, 1);
	put_octal(h + 337, 8, 3);
	build_sum(h, false);
	h = build_header(&b, &(struct hdr){ .name = "disk", .type = '4', .size = 4096 });
	put_base256(h + 329, 8, 259);
	put_base256(h + 337, 8, 1048575);
	build_sum(h, false);
	build_header(&b, &(struct hdr){ .name = "fifo", .type = '6', .size = 99999 });
	build_header(&b, &(struct hdr){ .name = "link", .type = '2', .link = "a/b", .size = 77 });
	build_header(&b, &(struct hdr){ .name = "dir", .type = '5', .size = 1 << 30 });
	build_pax(&b, 'x', "SCHILY.devmajor=300", "SCHILY.devminor=70000", NULL);
	h = build_header(&b, &(struct hdr){ .name = "pax", .type = '3' });
	build_file(&b, "after", "here");
	grow(&g, &b);
	CHECK(g.err == 0);
	n = at(&g, "null");
	CHECK(n && n->type == TAR_CHAR && n->dev.major == 1 && n->dev.minor == 3 &&
	      n->mode == 0666);
	n = at(&g, "disk");
	CHECK(n && n->type == TAR_BLOCKDEV && n->dev.major == 259 && n->dev.minor == 1048575);
	CHECK(at(&g, "fifo") && at(&g, "fifo")->type == TAR_FIFO);
	n = at(&g, "link");
	CHECK(n && n->type == TAR_SYMLINK && !strcmp(n->target, "a/b") && n->size == 3);
	CHECK(at(&g, "dir") && at(&g, "dir")->type == TAR_DIR);
	n = at(&g, "pax");
	CHECK(n && n->dev.major == 300 && n->dev.minor == 70000);
	CHECK(holds(&g, "after", "here"));
	grow_free(&g);
	build_free(&b);
}

static void test_big_numbers(void)
{
	struct build b;
	struct grown g;
	struct tar_node *n;
	u8 *h;

	build_start(&b);
	h = build_header(&b, &(struct hdr){ .name = "old", .magic = "gnu" });
	put_base256(h + 136, 12, -86400);
	put_base256(h + 108, 8, 4000000000L);
	put_base256(h + 116, 8, -2);
	build_sum(h, false);
	h = build_header(&b, &(struct hdr){ .name = "star" });
	memcpy(h + 476, "00000000144 00000000310 ", 24);
	memcpy(h + 508, "tar", 4);
	build_sum(h, false);
	h = build_header(&b, &(struct hdr){ .name = "incremental", .magic = "gnu", .mtime = 5 });
	put_octal(h + 345, 12, 7);
	put_octal(h + 357, 12, 9);
	build_sum(h, false);
	grow(&g, &b);
	CHECK(g.err == 0);
	n = at(&g, "old");
	CHECK(n && n->mtime == -86400 && n->uid == 4000000000u && n->gid == 0xfffffffeu);
	n = at(&g, "star");
	CHECK(n && n->atime == 100 && n->ctime == 200);
	n = at(&g, "incremental");
	CHECK(n && n->mtime == 5 && n->atime == 7 && n->ctime == 9);
	grow_free(&g);
	build_free(&b);

	build_start(&b);
	h = build_header(&b, &(struct hdr){ .name = "huge" });
	put_base256(h + 124, 12, 1L << 62);
	build_sum(h, false);
	expect_refused(&b, -EINVAL, 0, "cut off", __LINE__);

	build_start(&b);
	h = build_header(&b, &(struct hdr){ .name = "huge" });
	put_base256(h + 124, 12, S64_MAX);
	build_sum(h, false);
	expect_refused(&b, -EINVAL, 0, "cut off", __LINE__);

	build_start(&b);
	h = build_header(&b, &(struct hdr){ .name = "negative" });
	put_base256(h + 124, 12, -512);
	build_sum(h, false);
	expect_refused(&b, -EINVAL, 0, "bad size", __LINE__);

	build_start(&b);
	build_file(&b, "ok", "data");
	h = build_header(&b, &(struct hdr){ .name = "mode" });
	memcpy(h + 100, "hello!!", 8);
	build_sum(h, false);
	expect_refused(&b, -EINVAL, 1024, "bad mode", __LINE__);

	build_start(&b);
	h = build_header(&b, &(struct hdr){ .name = "uid" });
	put_base256(h + 108, 8, 1L << 40);
	build_sum(h, false);
	expect_refused(&b, -EOVERFLOW, 0, "bad user id", __LINE__);
}

static void test_ends(void)
{
	static const char *const packed[][2] = {
		{ "\x1f\x8b\x08", "gzip" },
		{ "\xfd"
		  "7zXZ",
		  "xz" },
		{ "\x28\xb5\x2f\xfd", "zstd" },
		{ "BZh91AY", "bzip2" },
		{ "\x7f"
		  "ELF",
		  "not a TAR archive" },
	};
	struct build b;
	struct grown g;

	/* Nothing at all, as GNU tar accepts it. */
	build_start(&b);
	grow(&g, &b);
	CHECK(g.err == 0 && g.t.nodes == 1);
	grow_free(&g);

	/* No end mark; one zero block with anything behind it; two. */
	for (unsigned zeros = 0; zeros < 3; zeros++) {
		build_start(&b);
		build_file(&b, "f", "data");
		for (unsigned i = 0; i < zeros; i++)
			build_block(&b);
		if (zeros)
			build_bytes(&b, "not a header", 12);
		grow(&g, &b);
		CHECK(g.err == 0 && holds(&g, "f", "data") && g.t.nodes == 2);
		grow_free(&g);
		build_free(&b);
	}

	/* Cut at every length. */
	build_start(&b);
	build_gnu_name(&b, 'L', "a-name-that-comes-first");
	build_file(&b, "f", "0123456789");
	build_pax(&b, 'x', "path=second", NULL);
	build_file(&b, "g", "0123456789");
	for (size_t n = 0, whole = b.len; n <= whole; n++) {
		u8 *exact = malloc(n + 1);
		struct mem_source src;
		struct tar_tree t;
		bool good = n == 0 || n == 2048 || n == whole;

		if (!exact || tar_tree_init(&t))
			abort();
		memcpy(exact, b.data, n);
		mem_source_init(&src, exact, n);
		if ((tar_tree_add(&t, &src.src) == 0) != good) {
			printf("cut at %zu\n", n);
			CHECK(!"a cut archive");
		}
		tar_check_tree(&t);
		tar_tree_free(&t);
		free(exact);
	}
	build_free(&b);

	for (size_t i = 0; i < ARRAY_SIZE(packed); i++) {
		build_start(&b);
		build_bytes(&b, packed[i][0], strlen(packed[i][0]));
		expect_refused(&b, -EINVAL, 0, packed[i][1], __LINE__);
	}

	build_start(&b);
	build_file(&b, "f", "data");
	build_bytes(&b, "garbage", 7);
	expect_refused(&b, -EINVAL, 1024, "no TAR header", __LINE__);

	build_start(&b);
	build_header(&b, &(struct hdr){ .name = "part2", .type = 'M', .magic = "gnu" });
	expect_refused(&b, -EINVAL, 0, "multi-volume", __LINE__);

	build_start(&b);
	build_gnu_name(&b, 'L', "without-a-member");
	build_end(&b);
	expect_refused(&b, -EINVAL, 0, "without its member", __LINE__);
}

static void test_gnu_names(void)
{
	char name[4200], part[300];
	struct build b;
	struct grown g;

	/* Components of 255 bytes, a path of 4095. */
	memset(part, 'n', sizeof(part));
	part[255] = '\0';
	for (size_t i = 0; i < 16; i++)
		memcpy(name + 256 * i, part, 255), name[256 * i + 255] = '/';
	name[4095] = '\0';
	build_start(&b);
	build_gnu_name(&b, 'L', name);
	build_file(&b, "short", "deep");
	build_gnu_name(&b, 'K', "a/long/target");
	build_gnu_name(&b, 'L', "first-is-forgotten");
	build_gnu_name(&b, 'L', "sym");
	build_link(&b, '2', "x", "y");
	build_file(&b, "next-is-itself", "n");
	grow(&g, &b);
	CHECK(g.err == 0);
	CHECK(holds(&g, name, "deep"));
	CHECK(at(&g, "sym") && !strcmp(at(&g, "sym")->target, "a/long/target"));
	CHECK(!at(&g, "first-is-forgotten") && !at(&g, "x"));
	CHECK(holds(&g, "next-is-itself", "n"));
	grow_free(&g);
	build_free(&b);

	memset(name, 'p', sizeof(name));
	for (size_t i = 100; i < sizeof(name); i += 100)
		name[i] = '/';
	name[4096] = '\0';
	build_start(&b);
	build_gnu_name(&b, 'L', name);
	build_file(&b, "f", "x");
	expect_refused(&b, -ENAMETOOLONG, 0, "name too long", __LINE__);

	part[255] = 'n';
	part[256] = '\0';
	build_start(&b);
	build_gnu_name(&b, 'L', part);
	build_file(&b, "f", "x");
	expect_refused(&b, -ENAMETOOLONG, 1024, "name too long", __LINE__);

	build_start(&b);
	build_header(&b,
		     &(struct hdr){ .name = "l", .type = 'L', .size = 1 << 20, .magic = "gnu" });
	for (int i = 0; i < 2048; i++)
		build_block(&b);
	build_file(&b, "f", "x");
	expect_refused(&b, -ENAMETOOLONG, 0, "name too long", __LINE__);
}

/* POSIX lets a pax hard link bring the data along; other formats leave a size without any. */
static void test_hardlink_data(void)
{
	static const char *const magics[] = { "gnu", "v7", "ustar" };
	struct build b;
	struct grown g;

	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		build_start(&b);
		build_file(&b, "target", "four");
		build_header(&b, &(struct hdr){ .name = "hard",
						.type = '1',
						.link = "target",
						.size = 4,
						.magic = magics[i] });
		build_file(&b, "after", "x");
		build_end(&b);
		grow(&g, &b);
		CHECK(g.err == 0 && holds(&g, "hard", "four") && holds(&g, "after", "x"));
		CHECK(at(&g, "hard") == at(&g, "target") && at(&g, "hard")->nlink == 2);
		grow_free(&g);
		build_free(&b);
	}
	for (int pax = 0; pax < 2; pax++) {
		for (int zeros = 0; zeros < 2; zeros++) {
			build_start(&b);
			build_file(&b, "target", "four");
			if (pax)
				build_pax(&b, 'x', "mtime=1.5", NULL);
			build_header(&b, &(struct hdr){ .name = "hard",
							.type = '1',
							.link = "target",
							.size = 600 });
			build_block(&b)[0] = zeros ? 0 : 'F';
			build_block(&b);
			build_file(&b, "after", "x");
			build_end(&b);
			grow(&g, &b);
			/* Zeros with zeros behind them end the archive where no pax header speaks. */
			CHECK(g.err == 0 && (holds(&g, "after", "x")));
			CHECK(at(&g, "hard") == at(&g, "target"));
			grow_free(&g);
			build_free(&b);
		}
	}
	/* The last member, a size and no data. */
	build_start(&b);
	build_file(&b, "target", "four");
	build_header(&b,
		     &(struct hdr){ .name = "hard", .type = '1', .link = "target", .size = 600 });
	build_end(&b);
	grow(&g, &b);
	CHECK(g.err == 0 && at(&g, "hard") == at(&g, "target"));
	grow_free(&g);
	b.len -= 2 * TAR_BLOCK;
	grow(&g, &b);
	CHECK(g.err == 0 && at(&g, "hard") == at(&g, "target"));
	grow_free(&g);
	build_free(&b);
	/* With data a link may stand for its missing target. */
	build_start(&b);
	build_pax(&b, 'x', "mtime=1.5", NULL);
	build_header(&b, &(struct hdr){ .name = "hard", .type = '1', .link = "target", .size = 4 });
	build_bytes(&b, "self", 4);
	grow(&g, &b);
	CHECK(g.err == 0 && holds(&g, "hard", "self"));
	grow_free(&g);
	build_free(&b);
}

static void test_read_errors(void)
{
	struct build b;
	struct tar_tree t;
	struct mem_source src;

	build_start(&b);
	build_file(&b, "a", "data");
	for (int i = 0; i < 100; i++)
		build_file(&b, "b", "data");
	mem_source_init(&src, b.data, b.len);
	src.fail_at = 50 * 1024;
	if (tar_tree_init(&t))
		abort();
	CHECK(tar_tree_add(&t, &src.src) == -EIO);
	CHECK(t.err.why && strstr(t.err.why, "cannot read") && t.err.offset <= 50 * 1024);
	tar_check_tree(&t);
	tar_tree_free(&t);
	CHECK(alloc_live == 0);
	build_free(&b);
}

void test_members(void)
{
	test_formats();
	test_devices();
	test_big_numbers();
	test_ends();
	test_gnu_names();
	test_hardlink_data();
	test_read_errors();
}
