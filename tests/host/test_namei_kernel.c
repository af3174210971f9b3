/*
 * What the file layer needs of the kernel, for test_namei.c: one task, memory that can run out, locks that
 * notice misuse, and a grace period that passes when the test says so.
 */
#include "test_namei.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/loop.h"
#include "fs/aio.h"
#include "fs/async.h"
#include "fs/epoll.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "fs/landlock.h"
#include "fs/lease.h"
#include "fs/memfd.h"
#include "fs/notify.h"
#include "fs/nsfs.h"
#include "fs/pipe.h"
#include "fs/poll.h"
#include "fs/tty.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "sync/cmdline.h"
#include "sync/log.h"

/* Of libc: its headers would bring structures that the ABI headers define too. */
int printf(const char *fmt, ...) __printf(1, 2);
void *calloc(size_t n, size_t size);
void *malloc(size_t n);
void free(void *p);
void abort(void) __noreturn;

struct task *shim_current;
int overflow_uid = 65534, overflow_gid = 65534;
long live_allocations, fail_after = -1, live_pages_objects;
u64 ram_pages = 4096;
u64 (*reclaim_shrink)(u64 n);

/* --- memory --- */

static void *allocate(size_t n)
{
	void *p;

	if (fail_after >= 0 && fail_after-- == 0)
		return NULL;
	p = calloc(1, n ? n : 1);
	live_allocations += p != NULL;
	return p;
}

void *kmalloc(size_t n, unsigned flags __unused)
{
	return allocate(n);
}

void *kzalloc(size_t n, unsigned flags __unused)
{
	return allocate(n);
}

void *kcalloc(size_t n, size_t size)
{
	return allocate(n * size);
}

char *kstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = allocate(n);

	if (p)
		memcpy(p, s, n);
	return p;
}

void kfree(void *p)
{
	live_allocations -= p != NULL;
	free(p);
}

struct slab_cache {
	size_t size;
};

struct slab_cache *slab_create(const char *name __unused, size_t size, size_t align __unused)
{
	struct slab_cache *c = malloc(sizeof(*c));

	c->size = size;
	return c;
}

void *slab_zalloc(struct slab_cache *c)
{
	return allocate(c->size);
}

void slab_free(struct slab_cache *c __unused, void *p)
{
	kfree(p);
}

void page_stats(struct page_stats *s)
{
	*s = (struct page_stats){ .total = ram_pages, .free = ram_pages };
}

/* --- locks --- */

static int spins, sleeping;

int locks_held(void)
{
	return spins + sleeping;
}

void spin_init(spinlock_t *l, enum lock_rank rank, const char *name __unused)
{
	l->word = 0;
	l->rank = (u16)rank;
}

void spin_lock(spinlock_t *l)
{
	if (l->word++)
		panic("a spinlock taken twice: %s", l->name);
	spins++;
}

void spin_lock_nested(spinlock_t *l)
{
	spin_lock(l);
}

void spin_unlock(spinlock_t *l)
{
	if (--l->word)
		panic("a spinlock not held: %s", l->name);
	spins--;
}

static void may_sleep(void)
{
	if (spins)
		panic("sleeping with a spinlock held");
}

void mutex_init(struct mutex *m)
{
	atomic_set(&m->state, 0);
}

void mutex_lock(struct mutex *m)
{
	may_sleep();
	if (atomic_inc_return(&m->state) != 1)
		panic("a mutex taken twice");
	sleeping++;
}

void mutex_unlock(struct mutex *m)
{
	if (atomic_dec_return(&m->state) != 0)
		panic("a mutex not held");
	sleeping--;
}

void rwsem_init(struct rwsem *s)
{
	s->count = 0;
}

void rwsem_read_lock(struct rwsem *s)
{
	may_sleep();
	if (s->count < 0)
		panic("reading below one's own writing");
	s->count++;
	sleeping++;
}

void rwsem_read_unlock(struct rwsem *s)
{
	if (s->count-- <= 0)
		panic("a read lock not held");
	sleeping--;
}

void rwsem_write_lock(struct rwsem *s)
{
	may_sleep();
	if (s->count)
		panic("an rwsem taken twice");
	s->count = -1;
	sleeping++;
}

void rwsem_write_unlock(struct rwsem *s)
{
	if (s->count != -1)
		panic("a write lock not held");
	s->count = 0;
	sleeping--;
}

void waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
}

void wake_up_all(struct waitq *q __unused)
{
}

/* Nobody else runs, so what is not so yet will never be. */
int wait_until(struct waitq *q __unused, bool (*cond)(void *arg), void *arg, int state __unused,
	       u64 deadline __unused)
{
	may_sleep();
	if (!cond(arg))
		panic("waits for ever");
	return 0;
}

void cond_resched(void)
{
	may_sleep();
}

/* --- RCU --- */

static struct rcu_head *callbacks;

void call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *))
{
	h->fn = fn;
	h->next = callbacks;
	callbacks = h;
}

void rcu_run(void)
{
	while (callbacks) {
		struct rcu_head *h = callbacks;

		callbacks = h->next;
		h->fn(h);
	}
}

void synchronize_rcu(void)
{
	may_sleep();
	rcu_run();
}

/* --- the task --- */

static struct cred cred;

bool capable(int cap)
{
	return current->cred->cap_effective >> cap & 1;
}

bool ns_capable(const struct user_ns *u __unused, int cap)
{
	return capable(cap);
}

u32 id_map_down(const struct user_ns *u __unused, enum id_kind kind __unused, u32 id)
{
	return id;
}

u32 id_map_up(const struct user_ns *u __unused, enum id_kind kind __unused, u32 kid)
{
	return kid;
}

/* There is one task, and no namespace but the first. */
struct list_head all_tasks = LIST_HEAD_INIT(all_tasks);
struct ns first_ns[NS_TYPES];

void ns_init(struct ns *n __unused, enum ns_type type __unused, struct user_ns *owner __unused,
	     void (*gone)(struct ns *n) __unused)
{
	abort();
}

/* glibc has one of that name. */
void aio_init(void)
{
}

void ns_put(struct ns *n __unused)
{
}

void ns_enter(enum ns_type as __unused, struct ns *n __unused)
{
	abort();
}

bool d_is_ns_file(const struct dentry *d __unused)
{
	return false;
}

bool mount_is_ns_file(const struct dentry *d __unused)
{
	return false;
}

bool mnt_ns_loops(const struct dentry *d __unused)
{
	return false;
}

struct cred *cred_get(struct cred *c)
{
	atomic_inc(&c->refs);
	return c;
}

void cred_put(struct cred *c)
{
	atomic_dec(&c->refs);
}

bool cred_in_group(const struct cred *c, u32 gid)
{
	return c->fsgid == gid;
}

u64 rlimit_get(int resource)
{
	return resource == RLIMIT_NOFILE ? 256 : ~0UL;
}

void become(u32 uid, u64 caps)
{
	cred.uid = cred.euid = cred.fsuid = uid;
	cred.gid = cred.egid = cred.fsgid = uid;
	cred.cap_effective = caps;
}

void kernel_start(void)
{
	shim_current = calloc(1, sizeof(struct task));
	shim_current->cred = &cred;
	atomic_set(&cred.refs, 1);
	become(0, ~0UL);
	vfs_init();
}

u64 now_real(void)
{
	static u64 t = 1767225600UL * NSEC_PER_SEC;

	return t += NSEC_PER_SEC;
}

/* --- user memory is the test's own --- */

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t max)
{
	size_t n = strlcpy(dst, (const char *)src, max);

	return n < max ? (ssize_t)n : -ENAMETOOLONG;
}

/* --- the page cache: sizes only --- */

void vmobject_init(struct vmobject *obj, const struct vmobject_ops *ops, void *owner, bool pinned)
{
	memset(obj, 0, sizeof(*obj));
	obj->ops = ops;
	obj->owner = owner;
	obj->pinned = pinned;
	live_pages_objects++;
}

void vmobject_destroy(struct vmobject *obj __unused)
{
	live_pages_objects--;
}

void vmobject_resize(struct vmobject *obj, u64 size)
{
	obj->size = size;
}

u32 vmobject_error_now(const u32 *where __unused)
{
	return 0;
}

void inode_undirty(struct inode *i __unused)
{
}

void inode_unhold(struct inode *i __unused)
{
}

void super_drop_dirty(struct super *sb __unused)
{
}

int super_sync(struct super *sb __unused)
{
	return 0;
}

/* --- what names do not need --- */

void panic(const char *fmt, ...)
{
	printf("panic: %s\n", fmt);
	abort();
}

void printk(int level __unused, const char *fmt __unused, ...)
{
}

int size_within_limit(u64 size __unused)
{
	return 0;
}

static int not_here(struct inode *i __unused, struct file *f __unused)
{
	return -ENXIO;
}

const struct file_ops no_open_fops = { .open = not_here };

void special_init(struct inode *i)
{
	i->fops = &no_open_fops;
}

ssize_t generic_file_read(struct file *f __unused, struct iter *it __unused, u64 *pos __unused)
{
	return -EIO;
}

ssize_t generic_file_write(struct file *f __unused, struct iter *it __unused, u64 *pos __unused)
{
	return -EIO;
}

s64 generic_llseek(struct file *f __unused, s64 off __unused, int whence __unused)
{
	return -EIO;
}

s64 dir_llseek(struct file *f __unused, s64 off __unused, int whence __unused)
{
	return -EIO;
}

int generic_file_mmap(struct file *f __unused, struct file_map *m __unused)
{
	return -EIO;
}

int generic_fallocate(struct file *f __unused, int mode __unused, u64 off __unused,
		      u64 len __unused)
{
	return -EIO;
}

int noop_fsync(struct file *f __unused, u64 start __unused, u64 end __unused, bool data __unused)
{
	return 0;
}

u64 landlock_denied(const struct path *p __unused, u64 access __unused)
{
	return 0;
}

u64 landlock_make_access(u32 mode __unused)
{
	return 0;
}

int landlock_may_mount(void)
{
	return 0;
}

int landlock_open(struct file *f __unused, const struct path *at __unused)
{
	return 0;
}

int landlock_refer(const struct path *from __unused, const struct dentry *d __unused,
		   const struct path *to __unused, const struct dentry *other __unused,
		   bool removed __unused, bool exchange __unused)
{
	return 0;
}

int memfd_may_change(const struct inode *i __unused, const struct attrs *a __unused)
{
	return 0;
}

struct block_device *block_first(void)
{
	return NULL;
}

struct block_device *block_find(const char *name __unused)
{
	return NULL;
}

int cmdline_get(const char *name __unused, char *buf __unused, size_t n __unused)
{
	return -1;
}

void lock_release_owner_slow(struct file *f __unused, void *owner __unused)
{
}

void async_forget(struct file *f __unused)
{
}

void lock_release_file_slow(struct file *f __unused)
{
}

void lock_inode_gone(struct inode *i __unused)
{
}

/* --- nobody watches, and there are no leases --- */

int notify_marks;

void notify_init(void)
{
}

void notify_file_slow(struct file *f __unused, u32 mask __unused)
{
}

int notify_ask_slow(struct file *f __unused, u32 mask __unused)
{
	return 0;
}

void notify_dentry_slow(struct dentry *d __unused, u32 mask __unused)
{
}

void notify_inode_slow(struct inode *i __unused, u32 mask __unused)
{
}

void notify_name_slow(struct inode *dir __unused, const char *name __unused, size_t len __unused,
		      struct inode *i __unused, u32 mask __unused)
{
}

void notify_moved(const struct notify_move *m __unused)
{
}

void notify_changed(struct dentry *d __unused, u32 valid __unused)
{
}

void notify_removed(struct inode *i __unused)
{
}

void notify_inode_gone(struct inode *i __unused)
{
}

void notify_mount_gone(struct mount *m __unused)
{
}

void notify_super_gone(struct super *sb __unused)
{
}

void dnotify_close_slow(struct file *f __unused, const void *owner __unused)
{
}

int lease_break_slow(struct inode *i __unused, int flags __unused)
{
	return 0;
}

void lease_release_slow(struct file *f __unused)
{
}

void epoll_file_gone(struct file *f __unused)
{
}

void epoll_init(void)
{
}

void pipe_init(void)
{
}

void memfd_init(void)
{
}

void nsfs_init(void)
{
}

struct block_device *block_find_dev(u64 dev __unused)
{
	return NULL;
}

struct block_device *block_device_get(struct block_device *bd)
{
	return bd;
}

void block_device_put(struct block_device *bd __unused)
{
}

void loop_init(void)
{
}

void memdev_init(void)
{
}

void tty_lines_init(void)
{
}
