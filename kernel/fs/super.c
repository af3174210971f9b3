/*
 * File systems: the table of types, and each one that is mounted somewhere (struct super), which its
 * mounts share. Interface: fs.h, mount.h. The list of supers is mount_lock's [M] of mount.c, here
 * `lock`; super_mutex is held while one is made that there is one of, and while its flags change.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/prctl.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "core/userns.h"
#include "core/wait.h"
#include "dev/block.h"
#include "fs/handle.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "fs/notify.h"
#include "lib/string.h"

static spinlock_t lock = SPINLOCK_INIT(RANK_MOUNT, "supers");
static struct mutex super_mutex = MUTEX_INIT(super_mutex);
static struct list_head supers = LIST_HEAD_INIT(supers); /* [lock] */
static atomic_long_t next_anon_dev;

extern const struct file_system *const __file_systems_start[], *const __file_systems_end[];

const struct file_system *fs_find(const char *name)
{
	for (const struct file_system *const *f = __file_systems_start; f < __file_systems_end; f++)
		if (str_equal((*f)->name, name))
			return *f;
	return NULL;
}

void fs_for_each(void (*fn)(const struct file_system *fs, void *arg), void *arg)
{
	for (const struct file_system *const *f = __file_systems_start; f < __file_systems_end; f++)
		fn(*f, arg);
}

u64 dev_anonymous(void)
{
	return MKDEV(0, (u32)atomic_long_inc_return(&next_anon_dev));
}

struct super *super_alloc(const struct file_system *fs, const struct super_ops *ops, void *priv)
{
	struct super *sb = kzalloc(sizeof(*sb), 0);

	if (!sb)
		return NULL;
	atomic_set(&sb->refs, 1);
	sb->fs = fs;
	sb->ops = ops;
	sb->priv = priv;
	sb->dev = dev_anonymous();
	mutex_init(&sb->rename_mutex);
	waitq_init(&sb->idle);
	mutex_init(&sb->writeback);
	spin_init(&sb->dirty_lock, RANK_DIRTY, "dirty files");
	list_init(&sb->dirty);
	list_init(&sb->watched);
	spin_lock(&lock);
	list_add_tail(&sb->link, &supers);
	spin_unlock(&lock);
	return sb;
}

static bool no_inodes(void *arg)
{
	struct super *sb = arg;

	return atomic_long_read(&sb->inodes) == 0;
}

static void super_free_rcu(struct rcu_head *h)
{
	kfree(container_of(h, struct super, rcu));
}

void super_put(struct super *sb)
{
	if (!atomic_dec_and_test(&sb->refs))
		return;
	if (sb->root) {
		super_sync(sb);
		handle_forget_super(sb);
		dcache_drop_super(sb);
		d_put(sb->root);
	}
	super_drop_dirty(sb);
	notify_super_gone(sb);
	if (sb->ops->let_go)
		sb->ops->let_go(sb);
	/* Another hart may still be at an inode that it put last, and ask sb->ops about it. */
	wait_until(&sb->idle, no_inodes, sb, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
	if (sb->ops->unmount)
		sb->ops->unmount(sb);
	if (sb->device)
		block_device_put(sb->device);
	spin_lock(&lock);
	list_del(&sb->link);
	spin_unlock(&lock);
	user_ns_put(sb->user);
	call_rcu(&sb->rcu, super_free_rcu); /* the path walk looks at its flags */
}

/*
 * The super of a type there is one of (dev 0), or of a device, if it is mounted already: referenced.
 * -EBUSY: the device's is on its way out.
 */
static struct super *find_super(const struct file_system *fs, u64 dev)
{
	struct super *sb, *found = NULL;

	spin_lock(&lock);
	list_for_each_entry(sb, &supers, link) {
		if (!sb->root || (dev ? sb->dev != dev : sb->fs != fs))
			continue;
		if (atomic_inc_not_zero(&sb->refs))
			found = sb;
		else if (dev)
			found = ERR_PTR(-EBUSY);
		if (found)
			break;
	}
	spin_unlock(&lock);
	return found;
}

bool super_on_device(u64 dev)
{
	struct super *sb = find_super(NULL, dev);

	if (!IS_ERR_OR_NULL(sb))
		super_put(sb);
	return sb;
}

/* The one that source's device has already: NULL, or ERR_PTR if it can't be shared so. */
static struct super *device_super(const struct file_system *fs, const char *source, u64 flags)
{
	const char *slash = source ? strrchr(source, '/') : NULL;
	struct block_device *bd = source ? block_find(slash ? slash + 1 : source) : NULL;
	struct super *sb = bd ? find_super(NULL, bd->dev) : NULL;

	if (!IS_ERR_OR_NULL(sb) && (sb->fs != fs || ((sb->flags ^ flags) & MS_RDONLY))) {
		super_put(sb);
		return ERR_PTR(-EBUSY);
	}
	return sb;
}

static struct user_ns *owner_of(const struct file_system *fs)
{
	return fs->owner ? fs->owner() : current_user_ns();
}

struct super *super_get(const struct file_system *fs, const char *source, u64 flags,
			const char *data)
{
	bool shared = (fs->flags & FS_SINGLE) || !(fs->flags & FS_NODEV);
	struct super *sb = NULL;

	if (shared) {
		mutex_lock(&super_mutex);
		sb = fs->flags & FS_SINGLE ? find_super(fs, 0) : device_super(fs, source, flags);
	}
	if (!sb) {
		sb = fs->mount(fs, source, flags & SUPER_FLAGS, data);
		if (!IS_ERR(sb)) {
			if (!(fs->flags & FS_NODEV))
				sb->device = block_find_dev(sb->dev);
			if (sb->device)
				block_device_get(sb->device);
			if (!sb->user) /* mqueue has one already, for each namespace */
				sb->user = user_ns_get(owner_of(fs));
			/* Whoever may mount it may not make devices of it. */
			WRITE_ONCE(sb->flags,
				   sb->flags | (flags & SUPER_FLAGS) | (sb->user ? MS_NODEV : 0));
		}
	}
	if (shared)
		mutex_unlock(&super_mutex);
	return sb;
}

int super_remount(struct super *sb, u64 flags, const char *data)
{
	int err = 0;

	mutex_lock(&super_mutex);
	if ((flags & MS_RDONLY) && !(sb->flags & MS_RDONLY)) {
		if (atomic_read(&sb->writers) > 0)
			err = -EBUSY;
		else
			err = super_sync(sb);
	}
	if (!err && sb->ops->remount)
		err = sb->ops->remount(sb, flags & SUPER_FLAGS, data);
	if (!err)
		WRITE_ONCE(sb->flags, (sb->flags & ~(u64)SUPER_FLAGS) | (flags & SUPER_FLAGS));
	mutex_unlock(&super_mutex);
	return err;
}

/* The next super behind sb (NULL: the first) that is in use: referenced; sb's reference goes. */
static struct super *next_super(struct super *sb)
{
	struct super *n, *found = NULL;

	spin_lock(&lock);
	n = sb ? list_next_entry(sb, link) : list_first_entry(&supers, struct super, link);
	for (; !list_entry_is_head(n, &supers, link); n = list_next_entry(n, link)) {
		if (n->root && atomic_inc_not_zero(&n->refs)) {
			found = n;
			break;
		}
	}
	spin_unlock(&lock);
	if (sb)
		super_put(sb);
	return found;
}

void supers_for_each(void (*fn)(struct super *sb, void *arg), void *arg)
{
	for (struct super *sb = next_super(NULL); sb; sb = next_super(sb))
		fn(sb, arg);
}

bool super_may_admin(const struct super *sb)
{
	return ns_capable(sb->user, CAP_SYS_ADMIN);
}

bool fs_may_mount(const struct file_system *fs)
{
	return ns_capable(fs->flags & FS_USERNS ? owner_of(fs) : NULL, CAP_SYS_ADMIN);
}
