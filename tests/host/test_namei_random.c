/* Random changes of a tree, with the cache emptied and with memory that ends: part of test_namei. */
#include "test_namei.h"

#include <err.h>

#include "fs/files.h"
#include "fs/internal.h"
#include "lib/string.h"
#include "t.h"

static const char *const words[] = {
	"a", "b", "c", "dd", ".", "..", "a_rather_long_name_of_more_than_forty_bytes_in_all"
};

static const char *random_path(char *buf, size_t size)
{
	int n = 1 + (int)t_below(1 + t_below(4));

	buf[0] = '\0';
	if (t_below(4))
		strlcat(buf, "/", size);
	for (int i = 0; i < n; i++) {
		if (i)
			strlcat(buf, t_below(8) ? "/" : "//", size);
		strlcat(buf, words[t_below(t_below(3) ? 4 : ARRAY_SIZE(words))], size);
	}
	if (!t_below(8))
		strlcat(buf, "/", size);
	return buf;
}

static int random_change(void)
{
	char a[300], b[300];
	struct file *f;

	random_path(a, sizeof(a));
	random_path(b, sizeof(b));
	switch (t_below(12)) {
	case 0 ... 3:
		return vfs_mkdir(HERE, a, 0755);
	case 4:
	case 5:
		f = file_open(HERE, a, O_CREAT | O_RDWR, 0644);
		if (IS_ERR(f))
			return (int)PTR_ERR(f);
		file_put(f);
		return 0;
	case 6:
		return vfs_unlink(HERE, a);
	case 7:
		return vfs_rmdir(HERE, a);
	case 8:
		return vfs_symlink(b, HERE, a);
	case 9:
		return vfs_link(HERE, a, HERE, b, 0);
	case 10:
		return vfs_rename(HERE, a, HERE, b, t_below(4) ? 0 : RENAME_EXCHANGE);
	default: {
		struct path p;
		int err = path_lookup(HERE, a, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

		if (!err)
			fs_ctx_set(&current->fs->cwd, &p);
		return err;
	}
	}
}

/* What the cache says is what the file system says when the cache is empty. */
void warm_is_cold(void)
{
	char paths[8][300];
	u64 warm[8], cold;
	int err[8];

	for (int round = 0; round < 20 && !t.failed; round++) {
		tree_begin();
		for (int step = 0; step < 200 && !t.failed; step++) {
			random_change();
			CHECK_EQ(locks_held(), 0);
			for (int i = 0; i < 8; i++) {
				random_path(paths[i], sizeof(paths[i]));
				err[i] = look_from(HERE, paths[i], i & 1 ? LOOKUP_FOLLOW : 0,
						   &warm[i]);
			}
			if (!t_below(3))
				dcache_shrink(~0UL);
			rcu_run();
			for (int i = 0; i < 8; i++) {
				int again =
					look_from(HERE, paths[i], i & 1 ? LOOKUP_FOLLOW : 0, &cold);

				if (again != err[i] || cold != warm[i])
					FAIL("%s was %d, inode %lu; then %d, inode %lu", paths[i],
					     err[i], (unsigned long)warm[i], again,
					     (unsigned long)cold);
			}
		}
		tree_end();
	}
}

/* Memory runs out at some allocation of each change: it fails with ENOMEM (or works), and nothing leaks. */
void out_of_memory(void)
{
	for (int round = 0; round < 10 && !t.failed; round++) {
		tree_begin();
		for (int step = 0; step < 300 && !t.failed; step++) {
			fail_after = (long)t_below(6);
			random_change();
			fail_after = -1;
			CHECK_EQ(locks_held(), 0);
			rcu_run();
		}
		CHECK_EQ(look("/"), 0);
		tree_end();
	}
}
