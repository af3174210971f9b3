/*
 * File handles: handle.h. What a handle was made of is remembered by file system and number, until
 * the inode goes; with the name that it was found by, so that a folder is found where it hangs, as
 * long as that name stands. Locking: `lock`, a leaf but for counts of references.
 */
#include "fs/handle.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/internal.h"
#include "lib/hash.h"
#include "sync/spinlock.h"

#define HANDLE_BITS  8
#define FILEID_INO64 1 /* as Linux's tmpfs has them: generation, number */

struct known {
	struct hlist_node link; /* [lock] */
	struct super *sb; /* [I] */
	struct inode *inode; /* [I] not referenced: it takes this away when it goes */
	struct dentry *name; /* [lock] referenced; NULL: that name is gone */
};

static spinlock_t lock = SPINLOCK_INIT(RANK_INODE, "file handles");
static struct hlist_head table[1 << HANDLE_BITS]; /* [lock] */

static struct hlist_head *bucket(const struct super *sb, u64 ino)
{
	return &table[hash_index(hash_mix(hash_ptr(sb), ino), HANDLE_BITS)];
}

/* lock held. */
static struct known *find(const struct super *sb, u64 ino)
{
	struct known *k;

	hlist_for_each_entry(k, bucket(sb, ino), link)
		if (k->sb == sb && k->inode->ino == ino)
			return k;
	return NULL;
}

int inode_fid(const struct inode *i, struct fid *out)
{
	*out = (struct fid){ .type = FILEID_INO64,
			     .bytes = sizeof(out->data),
			     .data = { 0, (u32)i->ino, (u32)(i->ino >> 32) } };
	return 0;
}

int dentry_fid(struct dentry *d, struct fid *out)
{
	struct inode *i = d->inode;
	struct known *k, *old;

	if (!(d->sb->fs->flags & FS_HANDLES))
		return -EOPNOTSUPP;
	inode_fid(i, out);
	k = kzalloc(sizeof(*k), 0);
	if (!k)
		return -ENOMEM;
	d_set_handle(d); /* ahead: whoever unhashes it from here on comes for the name */
	WRITE_ONCE(i->sb->handles, true);
	spin_lock(&lock);
	old = find(i->sb, i->ino);
	if (!old) {
		k->sb = i->sb;
		k->inode = i;
		i->handle = true;
		hlist_add_head(&k->link, bucket(i->sb, i->ino));
		old = k;
		k = NULL;
	}
	if (!old->name && (d->flags & D_HASHED))
		old->name = d_get(d);
	spin_unlock(&lock);
	kfree(k);
	return 0;
}

int fid_path(struct mount *m, const struct fid *fid, struct path *out)
{
	struct inode *i = NULL;
	struct dentry *d = NULL;
	struct known *k;

	if (fid->type != FILEID_INO64 || fid->bytes < sizeof(fid->data) || fid->data[0])
		return -ESTALE;
	spin_lock(&lock);
	k = find(m->sb, fid->data[1] | (u64)fid->data[2] << 32);
	if (k && k->name)
		d = d_get(k->name);
	else if (k && !S_ISDIR(k->inode->mode) && atomic_inc_not_zero(&k->inode->refs))
		i = k->inode;
	spin_unlock(&lock);
	if (!d && !i)
		return -ESTALE;
	if (!d) { /* one without that name: by another, or open still */
		d = d_alloc_pseudo(m->sb, "/", i);
		if (!d) {
			inode_put(i);
			return -ENOMEM;
		}
	}
	atomic_inc(&m->refs);
	*out = (struct path){ m, d };
	return 0;
}

void handle_forget(struct dentry *d)
{
	struct known *k;
	bool mine;

	spin_lock(&lock);
	k = find(d->sb, d->inode->ino);
	mine = k && k->name == d;
	if (mine)
		k->name = NULL;
	spin_unlock(&lock);
	if (mine)
		d_put(d);
}

void handle_forget_inode(struct inode *i)
{
	struct known *k;

	spin_lock(&lock);
	k = find(i->sb, i->ino);
	if (k)
		hlist_del(&k->link);
	spin_unlock(&lock);
	kfree(k);
}

void handle_forget_super(struct super *sb)
{
	if (!READ_ONCE(sb->handles)) /* nobody is in sb any more who could ask for one */
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(table);) {
		struct dentry *d = NULL;
		struct known *k;

		spin_lock(&lock);
		hlist_for_each_entry(k, &table[i], link) {
			if (k->sb == sb && k->name) {
				d = k->name;
				k->name = NULL;
				break;
			}
		}
		spin_unlock(&lock);
		if (d)
			d_put(d);
		else
			i++;
	}
}
