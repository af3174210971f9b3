/*
 * memfd_create(2) and seals (memfd.h). The files are tmpfs's, of a mount that hangs nowhere.
 *
 * Any regular file of tmpfs can be asked for its seals; all but memfds made with MFD_ALLOW_SEALING
 * begin sealed against sealing.
 */
#include "fs/memfd.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mman.h>

#include "alloc/page.h"
#include "fs/internal.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/string.h"
#include "sync/log.h"

#define ALL_SEALS                                                                         \
	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | \
	 F_SEAL_EXEC)

struct mount *memfd_mount; /* [boot] */
int memfd_noexec;

void memfd_init(void)
{
	memfd_mount = mount_kernel("tmpfs");
	if (IS_ERR(memfd_mount))
		panic("memfd: no tmpfs (error %ld)", -PTR_ERR(memfd_mount));
}

struct inode *memfd_inode(u32 mode)
{
	return memfd_mount->root->inode->ops->tmpfile(memfd_mount->root->inode, mode);
}

struct file *memfd_create_file(const char *name, unsigned flags)
{
	char label[sizeof("/memfd: (deleted)") + NAME_MAX];
	struct inode *i;
	struct dentry *d;
	struct path p;
	struct file *f;

	if (!(flags & (MFD_EXEC | MFD_NOEXEC_SEAL)))
		flags |= READ_ONCE(memfd_noexec) ? MFD_NOEXEC_SEAL : MFD_EXEC;
	if ((flags & MFD_EXEC) && READ_ONCE(memfd_noexec) == MEMFD_NOEXEC_ENFORCED)
		return ERR_PTR(-EACCES);
	i = memfd_inode(flags & MFD_NOEXEC_SEAL ? 0666 : 0777);
	if (IS_ERR(i))
		return ERR_CAST(i);
	if (flags & MFD_NOEXEC_SEAL)
		i->seals = F_SEAL_EXEC;
	else if (flags & MFD_ALLOW_SEALING)
		i->seals = 0;
	strlcpy(label, "/memfd:", sizeof(label));
	strlcat(label, name, sizeof(label));
	strlcat(label, " (deleted)", sizeof(label));
	d = d_alloc_pseudo(memfd_mount->sb, label, i);
	if (!d) {
		inode_put(i);
		return ERR_PTR(-ENOMEM);
	}
	p = (struct path){ memfd_mount, d };
	f = file_open_path(&p, O_RDWR | O_LARGEFILE);
	d_put(d);
	return f;
}

static bool has_seals(const struct inode *i)
{
	return tmpfs_owns(i) && !i->pages.secret;
}

long memfd_get_seals(struct file *f)
{
	return has_seals(f->inode) ? (long)READ_ONCE(f->inode->seals) : -EINVAL;
}

/* Is some mapping of i shared and writable, or allowed to become so? */
static bool mapped_writable(struct inode *i)
{
	bool found = false;
	struct area *a;

	spin_lock(&i->pages.lock);
	rb_for_each_entry(a, &i->pages.areas, in_obj.node) {
		found = (a->flags & VM_SHARED) && (a->flags & (VM_WRITE | VM_MAYWRITE));
		if (found)
			break;
	}
	spin_unlock(&i->pages.lock);
	return found;
}

long memfd_add_seals(struct file *f, unsigned seals)
{
	struct inode *i = f->inode;
	long err = 0;

	if (!(f->mode & FMODE_WRITE))
		return -EPERM;
	if ((seals & ~(unsigned)ALL_SEALS) || !has_seals(i))
		return -EINVAL;
	rwsem_write_lock(&i->rwsem);
	if (i->seals & F_SEAL_SEAL) {
		err = -EPERM;
	} else if ((seals & F_SEAL_WRITE) && !(i->seals & F_SEAL_WRITE) && mapped_writable(i)) {
		err = -EBUSY;
	} else {
		/* What can run must not change: fcntl(2), F_SEAL_EXEC. */
		if ((seals & F_SEAL_EXEC) && (i->mode & 0111))
			seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
		i->seals |= seals;
	}
	rwsem_write_unlock(&i->rwsem);
	return err;
}

int memfd_may_write(const struct inode *i, u64 pos, size_t count)
{
	if (i->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	return (i->seals & F_SEAL_GROW) && pos + count > inode_size(i) ? -EPERM : 0;
}

int memfd_may_map(const struct inode *i, struct file_map *m)
{
	if (!(READ_ONCE(i->seals) & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) ||
	    !(m->vm_flags & VM_SHARED))
		return 0;
	if (m->vm_flags & VM_WRITE)
		return -EPERM;
	m->vm_flags &= ~VM_MAYWRITE;
	return 0;
}

int memfd_may_change(const struct inode *i, const struct attrs *a)
{
	u64 size = inode_size(i);

	if ((a->valid & ATTR_SIZE) && ((a->size < size && (i->seals & F_SEAL_SHRINK)) ||
				       (a->size > size && (i->seals & F_SEAL_GROW))))
		return -EPERM;
	if ((a->valid & ATTR_MODE) && (i->seals & F_SEAL_EXEC) && ((a->mode ^ i->mode) & 0111))
		return -EPERM;
	return 0;
}

int memfd_may_allocate(const struct inode *i, int mode, u64 end)
{
	if ((mode & FALLOC_FL_PUNCH_HOLE) && (i->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)))
		return -EPERM;
	return (i->seals & F_SEAL_GROW) && end > inode_size(i) && !(mode & FALLOC_FL_PUNCH_HOLE) ?
		       -EPERM :
		       0;
}
