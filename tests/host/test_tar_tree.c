/*
 * The tree: which member wins, links, paths, overlays; and its limits.
 */
#include <time.h>
#include "uapi/errno.h"
#include "test_tar.h"

static void test_later_wins(void)
{
	struct build b;
	struct grown g;
	struct tar_node *n;

	build_start(&b);
	build_file(&b, "file", "first");
	build_link(&b, '1', "kept", "file");
	build_file(&b, "./file", "second");
	build_file(&b, "becomes-dir", "x");
	build_dir(&b, "becomes-dir/");
	build_file(&b, "becomes-dir/in", "y");
	build_dir(&b, "full");
	build_file(&b, "full/in", "z");
	build_file(&b, "full", "not this");
	build_dir(&b, "empty");
	build_file(&b, "empty", "now a file");
	build_header(&b, &(struct hdr){ .name = "full/", .type = '5', .mode = 0700, .mtime = 99 });
	build_file(&b, "parent", "a file");
	build_file(&b, "parent/below", "left out");
	build_link(&b, '2', "sym", "one");
	build_link(&b, '2', "sym", "two");
	build_link(&b, '2', "none", "");
	grow(&g, &b);
	CHECK(g.err == 0 && g.left_out == 3);
	CHECK(holds(&g, "file", "second") && holds(&g, "kept", "first"));
	CHECK(at(&g, "file")->nlink == 1 && at(&g, "kept")->nlink == 1);
	CHECK(holds(&g, "becomes-dir/in", "y"));
	CHECK(holds(&g, "full/in", "z"));
	n = at(&g, "full");
	CHECK(n && n->type == TAR_DIR && n->mode == 0700 && n->mtime == 99);
	CHECK(holds(&g, "empty", "now a file") && holds(&g, "parent", "a file"));
	CHECK(at(&g, "sym") && !strcmp(at(&g, "sym")->target, "two") && !at(&g, "none"));
	CHECK(g.t.root->nlink == 4);
	grow_free(&g);
	build_free(&b);
}

static void test_names(void)
{
	struct build b;
	struct grown g;
	struct tar_node *n;

	build_start(&b);
	build_header(&b, &(struct hdr){ .name = "./", .type = '5', .mode = 01777, .mtime = 5 });
	build_file(&b, "/absolute", "1");
	build_file(&b, "//a//./b/.//c", "2");
	build_file(&b, "../up", "no");
	build_file(&b, "a/../b", "no");
	build_file(&b, "a/..", "no");
	build_file(&b, "a/..b", "3");
	build_file(&b, ".", "no");
	build_file(&b, "", "no");
	build_file(&b, "...", "4");
	build_header(&b, &(struct hdr){ .name = "made/by/member", .size = 0, .mtime = 77 });
	grow(&g, &b);
	CHECK(g.err == 0 && g.left_out == 5);
	CHECK(g.t.root->mode == 01777 && g.t.root->mtime == 5);
	CHECK(holds(&g, "absolute", "1") && holds(&g, "a/b/c", "2") && holds(&g, "a/..b", "3"));
	CHECK(holds(&g, "...", "4") && !at(&g, "up") && at(&g, "a/b")->type == TAR_DIR);
	n = at(&g, "made/by");
	CHECK(n && n->type == TAR_DIR && n->mode == 0755 && n->uid == 0 && n->mtime == 77);
	grow_free(&g);
	build_free(&b);
}

static void test_hardlinks(void)
{
	struct build b;
	struct grown g;

	build_start(&b);
	build_file(&b, "d/one", "1");
	build_link(&b, '1', "two", "./d//one");
	build_link(&b, '1', "three", "/two");
	build_link(&b, '1', "three", "two");
	build_link(&b, '1', "four", "../../d/one");
	build_link(&b, '2', "sym", "d");
	build_link(&b, '1', "symtoo", "sym");
	build_link(&b, '1', "sym/five", "sym/one");
	build_dir(&b, "dir");
	build_link(&b, '1', "dir", "two");
	build_link(&b, '1', "d", "two");
	grow(&g, &b);
	CHECK(g.err == 0 && g.left_out == 1);
	CHECK(at(&g, "d/one") && at(&g, "d/one")->nlink == 6 && at(&g, "two") == at(&g, "d/one"));
	CHECK(at(&g, "three") == at(&g, "two") && at(&g, "four") == at(&g, "two"));
	CHECK(at(&g, "d/five") == at(&g, "two") && at(&g, "dir") == at(&g, "two"));
	CHECK(at(&g, "symtoo") == at(&g, "sym") && at(&g, "sym")->nlink == 2);
	grow_free(&g);
	build_free(&b);

	build_start(&b);
	build_file(&b, "one", "1");
	build_link(&b, '1', "two", "missing");
	expect_refused(&b, -EINVAL, 1024, "not there", __LINE__);
	build_start(&b);
	build_dir(&b, "dir");
	build_link(&b, '1', "two", "dir");
	expect_refused(&b, -EINVAL, 512, "link to a directory", __LINE__);
	build_start(&b);
	build_link(&b, '1', "two", "..");
	expect_refused(&b, -EINVAL, 0, "link to a directory", __LINE__);
}

static void test_symlinks_on_the_way(void)
{
	struct build b;
	struct grown g;
	char deep[101];

	build_start(&b);
	build_link(&b, '2', "lib", "usr/lib");
	build_link(&b, '2', "bin", "/usr/bin");
	build_link(&b, '2', "usr/up", "../other");
	build_link(&b, '2', "usr/above", "../../../etc");
	build_file(&b, "lib/a", "1");
	build_file(&b, "bin/b", "2");
	build_file(&b, "usr/up/c", "3");
	build_file(&b, "usr/above/d", "4");
	build_link(&b, '2', "loop", "loop");
	build_file(&b, "loop/e", "no");
	build_link(&b, '2', "ping", "pong");
	build_link(&b, '2', "pong", "ping");
	build_file(&b, "ping/f", "no");
	build_link(&b, '2', "tofile", "lib/a");
	build_file(&b, "tofile/g", "no");
	grow(&g, &b);
	CHECK(g.err == 0 && g.left_out == 3);
	CHECK(holds(&g, "usr/lib/a", "1") && holds(&g, "usr/bin/b", "2"));
	CHECK(holds(&g, "other/c", "3") && holds(&g, "etc/d", "4"));
	CHECK(at(&g, "lib") && at(&g, "lib")->type == TAR_SYMLINK);
	grow_free(&g);
	build_free(&b);

	/* A chain of links whose path grows past the limit. */
	memset(deep, 'd', 100);
	deep[100] = '\0';
	build_start(&b);
	build_pax(&b, 'x', "path=grow", "linkpath=grow/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s",
		  NULL);
	build_link(&b, '2', "x", "y");
	build_file(&b, "grow/x", "no");
	grow(&g, &b);
	CHECK(g.err == 0 && g.left_out == 1);
	grow_free(&g);
	build_free(&b);
}

static void test_overlay(void)
{
	struct build b, over;
	struct mem_source src;
	struct grown g;

	build_start(&b);
	build_dir(&b, "usr/lib");
	build_file(&b, "usr/lib/a", "below");
	build_file(&b, "usr/lib/b", "below");
	build_link(&b, '2', "lib", "usr/lib");
	build_link(&b, '2', "dangling", "nowhere");
	build_link(&b, '2', "within", "usr");
	build_dir(&b, "within");
	build_start(&over);
	build_dir(&over, "./");
	build_dir(&over, "lib/");
	build_dir(&over, "dangling/");
	build_file(&over, "lib/a", "above");
	build_file(&over, "lib/c", "above");
	build_link(&over, '1', "lib/d", "usr/lib/b");
	grow(&g, &b);
	/* In one archive a directory does replace a link, as plain tar -x has it. */
	CHECK(at(&g, "within") && at(&g, "within")->type == TAR_DIR);
	CHECK(grow_more(&g, &src, &over) == 0);
	CHECK(at(&g, "lib") && at(&g, "lib")->type == TAR_SYMLINK);
	CHECK(at(&g, "dangling") && at(&g, "dangling")->type == TAR_DIR);
	CHECK(holds(&g, "usr/lib/a", "above") && holds(&g, "usr/lib/b", "below"));
	CHECK(holds(&g, "usr/lib/c", "above") && at(&g, "usr/lib/d") == at(&g, "usr/lib/b"));
	grow_free(&g);
	build_free(&b);
	build_free(&over);
}

/* Changes through tree.h, as the mounted file system makes them. */
static void test_changes(void)
{
	struct build b;
	struct grown g;
	struct tar_node *n, *dir;
	char buf[16];
	u64 cookie = 0;

	build_start(&b);
	build_file(&b, "f", "0123456789");
	build_dir(&b, "d");
	grow(&g, &b);
	n = at(&g, "f");
	dir = at(&g, "d");
	/* Cut to 4 bytes, grown to 12: the archive's bytes must not come back. */
	n->size = 4;
	n->file.data_size = 4;
	n->size = 12;
	CHECK(!tar_read(n, 0, buf, 12) && !memcmp(buf, "0123\0\0\0\0\0\0\0\0", 12));
	CHECK(tar_read(n, 0, buf, 13) == -EINVAL);
	n = tar_node_new(&g.t, TAR_FILE);
	CHECK(n && !tar_link(dir, "new", 3, n) && n->nlink == 1);
	CHECK(tar_link(dir, "x", 300, n) == -ENAMETOOLONG);
	n->size = 5;
	CHECK(!tar_read(n, 0, buf, 5) && !memcmp(buf, "\0\0\0\0\0", 5));
	for (char c = 'a'; c <= 'z'; c++)
		CHECK(!tar_link(dir, &c, 1, n));
	CHECK(n->nlink == 27);
	/* Removing while reading on by cookie leaves nothing out and shows nothing twice. */
	for (char c = 'a'; c <= 'z'; c++) {
		struct tar_name *e = tar_seek(dir, cookie);

		cookie = e->cookie + 1;
		if (e->len == 1 && (e->name[0] & 1))
			tar_unlink(dir, e);
	}
	CHECK(n->nlink == 14 && !tar_find(dir, "a", 1) && tar_find(dir, "b", 1));
	tar_check_tree(&g.t);
	grow_free(&g);
	build_free(&b);
}

void test_tree(void)
{
	test_later_wins();
	test_names();
	test_hardlinks();
	test_symlinks_on_the_way();
	test_overlay();
	test_changes();
}

/* An archive of any number of members, made as it is read: member i is "d<i % dirs>/<i>". */
struct endless {
	struct tar_source src;
	u64 members, dirs;
};

static int endless_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct endless *e = (struct endless *)src;
	u8 block[TAR_BLOCK];

	for (u8 *to = buf; n; to += TAR_BLOCK, off += TAR_BLOCK, n -= TAR_BLOCK) {
		u64 i = off / TAR_BLOCK;

		memset(block, 0, sizeof(block));
		if (off % TAR_BLOCK || n < TAR_BLOCK)
			abort();
		if (i < e->members) {
			snprintf((char *)block, 100, "d%lu/%lu", i % e->dirs, i);
			put_octal(block + 100, 8, 0644);
			put_octal(block + 136, 12, i);
			block[156] = '0';
			memcpy(block + 257, "ustar\00000", 8);
			build_sum(block, false);
		}
		memcpy(to, block, TAR_BLOCK);
	}
	return 0;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void test_many(u64 members, u64 dirs)
{
	struct endless e = { .src = { endless_read, (members + 2) * TAR_BLOCK },
			     .members = members,
			     .dirs = dirs };
	double start = seconds();
	struct tar_tree t;
	char name[32];

	CHECK(!tar_tree_init(&t) && !tar_tree_add(&t, &e.src));
	CHECK(t.nodes == members + dirs + 1);
	for (u64 i = 0; i < members; i++) {
		int len = snprintf(name, sizeof(name), "d%lu", i % dirs);
		struct tar_name *d = tar_find(t.root, name, (size_t)len);
		struct tar_name *f;

		len = snprintf(name, sizeof(name), "%lu", i);
		f = d ? tar_find(d->node, name, (size_t)len) : NULL;
		if (!f || f->node->mtime != (s64)i) {
			CHECK(!"a member is missing");
			break;
		}
	}
	tar_check_tree(&t);
	tar_tree_free(&t);
	CHECK(alloc_live == 0);
	printf("%lu members in %lu directories: %.1f s\n", members, dirs, seconds() - start);
}

/* Directories one in the other, deeper than any stack: nothing recurses. */
static void test_deep(void)
{
	struct tar_node *dir;
	struct tar_tree t;

	CHECK(!tar_tree_init(&t));
	dir = t.root;
	for (int i = 0; i < 200000; i++) {
		struct tar_node *n = tar_node_new(&t, TAR_DIR);

		if (!n || tar_link(dir, "d", 1, n))
			abort();
		dir = n;
	}
	tar_check_tree(&t);
	tar_tree_free(&t);
	CHECK(alloc_live == 0);
}

/* Every allocation of a rich archive fails once: always -ENOMEM, never a leak. */
static void test_no_memory(void)
{
	struct mem_source src;
	struct tar_tree t;
	struct build b;
	int err = -ENOMEM;
	long n;

	build_start(&b);
	build_pax(&b, 'g', "SCHILY.xattr.user.g=1", "path=global", NULL);
	build_pax(&b, 'g', "path=", NULL);
	build_gnu_name(&b, 'L', "long/name/of/a/file");
	build_gnu_name(&b, 'K', "long target");
	build_pax(&b, 'x', "SCHILY.xattr.user.x=1", "linkpath=t", "mtime=1", NULL);
	build_link(&b, '2', "x", "y");
	build_pax(&b, 'x', "GNU.sparse.map=0,1,5,1,9,1", "GNU.sparse.size=100", "GNU.sparse.name=s",
		  NULL);
	build_file(&b, "f", "abc");
	build_link(&b, '1', "dir/hard", "s");
	build_file(&b, "s", "again");
	for (n = 0; err == -ENOMEM && n < 1000; n++) {
		mem_source_init(&src, b.data, b.len);
		alloc_fail_at = n;
		err = tar_tree_init(&t);
		if (!err) {
			err = tar_tree_add(&t, &src.src);
			alloc_fail_at = -1;
			/* Fewer bytes of window are no error. */
			tar_check_tree(&t);
			tar_tree_free(&t);
		}
		alloc_fail_at = -1;
		CHECK(alloc_live == 0);
		if (err && err != -ENOMEM)
			break;
		if (!err && n < 20)
			err = -ENOMEM;
	}
	CHECK(err == 0 && n > 20);
	build_free(&b);
}

void test_limits(void)
{
	test_many(100000, 1);
	test_many(200000, 5000);
	test_deep();
	test_no_memory();
}
