/*
 * libFuzzer target: path walk and the verbs on names over tmpfs. The input is a
 * program: each operation a byte, then one or two paths, whose bytes choose
 * components that meet often. Whatever it does, the answers are errnos, no lock
 * stays held, and when all is unmounted nothing is left allocated.
 */
#include "test_namei.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "fs/files.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "lib/string.h"

#define HERE AT_FDCWD

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);
void abort(void) __noreturn;

struct program {
	const u8 *at, *end;
};

static u8 take(struct program *p)
{
	return p->at < p->end ? *p->at++ : 0;
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* A path: components until a byte below 32. High bits put slashes before and behind. */
static char *take_path(struct program *p, char *buf, size_t size)
{
	static const char *const parts[] = { "a", "b", "c",   "..",	   ".",	  "",	 "ab",
					     "l", "d", "e/f", "\xff\x01*", "...", "long" };
	u8 first = take(p);
	size_t len = 0;

	if (first & 128)
		buf[len++] = '/';
	for (unsigned i = 0; i < (first & 15u); i++) {
		u8 c = take(p);
		const char *s = parts[c % (sizeof(parts) / sizeof(parts[0]))];
		unsigned times = !strcmp(s, "long") ? c : 1;

		for (unsigned t = 0; t < times && len + 16 < size; t++) {
			memcpy(buf + len, s, strlen(s));
			len += strlen(s);
		}
		if (i + 1 < (first & 15u) || first & 64)
			buf[len++] = '/';
		if (len + 64 > size)
			break;
	}
	buf[len] = '\0';
	return buf;
}

static void step(struct program *p)
{
	static char one[8192], two[8192];
	u8 op = take(p), flags = take(p);
	char *a = take_path(p, one, sizeof(one));
	struct path where;
	int err = 0;

	switch (op & 15) {
	case 0:
	case 1:
		err = vfs_mkdir(HERE, a, flags & 0777);
		break;
	case 2:
		err = vfs_mknod(HERE, a, (flags & 1 ? S_IFREG : S_IFIFO) | 0644, 0);
		break;
	case 3:
	case 4:
		err = vfs_symlink(take_path(p, two, sizeof(two)), HERE, a);
		break;
	case 5:
		err = vfs_link(HERE, a, HERE, take_path(p, two, sizeof(two)),
			       flags & 1 ? AT_SYMLINK_FOLLOW : 0);
		break;
	case 6:
		err = vfs_unlink(HERE, a);
		break;
	case 7:
		err = vfs_rmdir(HERE, a);
		break;
	case 8:
	case 9:
		err = vfs_rename(HERE, a, HERE, take_path(p, two, sizeof(two)), flags & 3);
		break;
	case 10:
		become(flags & 1 ? 1000 : 0, flags & 1 ? 0 : ~0UL);
		break;
	case 11: {
		struct path old = current->fs->cwd;

		err = path_lookup(HERE, a, LOOKUP_DIRECTORY | LOOKUP_FOLLOW, &where);
		if (err)
			break;
		current->fs->cwd = where;
		path_put(&old);
		break;
	}
	default:
		err = op & 16 ? path_lookup_resolve(HERE, a, flags & 15, flags >> 4, &where) :
				path_lookup(HERE, a, flags & 15, &where);
		if (!err)
			path_put(&where);
		break;
	}
	must(err <= 0 && err > -4096);
	must(locks_held() == 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	static struct list_head mounted = LIST_HEAD_INIT(mounted);
	static bool started;
	struct program p = { data, data + n };
	long allocations, objects;
	struct mount *m;

	if (!started)
		kernel_start();
	started = true;
	allocations = live_allocations;
	objects = live_pages_objects;
	become(0, ~0UL);
	m = mount_kernel("tmpfs");
	must(!IS_ERR(m));
	list_add(&m->link, &mounted);
	init_root = (struct path){ m, m->root };
	m->root->inode->mode = S_IFDIR | 0755;
	current->fs = fs_ctx_create(&init_root);
	current->files = files_create();
	current->fs->umask = 0;
	fail_after = n && data[0] & 128 ? data[0] & 127 : -1;
	while (p.at < p.end)
		step(&p);
	fail_after = -1;
	become(0, ~0UL);
	files_put(current->files);
	fs_ctx_put(current->fs);
	current->fs = NULL;
	current->files = NULL;
	rcu_run();
	list_del_init(&m->link);
	mount_put(m);
	rcu_run();
	must(live_allocations == allocations && live_pages_objects == objects);
	return 0;
}
