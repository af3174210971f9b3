/*
 * memfd_secret(2): files in memory that are only mapped, and whose pages nobody reaches but by those
 * maps: not ptrace(2), process_vm_readv(2) or /proc/PID/mem (struct vmobject, secret), no core file.
 * Their inodes are those of memfds.
 */
#include "fs/memfd.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "fs/internal.h"
#include "mm/vm.h"

/* The size is set once. inode->rwsem is held for writing. */
static int secret_setattr(struct inode *i, const struct attrs *a)
{
	return (a->valid & ATTR_SIZE) && inode_size(i) ? -EINVAL : generic_setattr(i, a);
}

static int secret_mmap(struct file *f, struct file_map *m)
{
	if (!(m->vm_flags & VM_SHARED))
		return -EINVAL;
	vmobject_get(&f->inode->pages);
	m->obj = &f->inode->pages;
	m->ops = &file_area_ops;
	m->vm_flags |= VM_LOCKED | VM_LOCKONFAULT | VM_DONTDUMP;
	return 0;
}

static const struct file_ops secret_fops = { .mmap = secret_mmap };
static const struct inode_ops secret_iops = { .setattr = secret_setattr };

struct file *memfd_secret_file(void)
{
	struct inode *i = memfd_inode(0600);
	struct dentry *d;
	struct path p;
	struct file *f;

	if (IS_ERR(i))
		return ERR_CAST(i);
	i->nlink = 1;
	i->ops = &secret_iops;
	i->fops = &no_open_fops; /* not again through /proc/PID/fd */
	i->pages.secret = true;
	d = d_alloc_pseudo(i->sb, "/secretmem (deleted)", i);
	if (!d) {
		inode_put(i);
		return ERR_PTR(-ENOMEM);
	}
	p = (struct path){ memfd_mount, d };
	f = file_alloc(&p, FMODE_READ | FMODE_WRITE, O_RDWR | O_LARGEFILE, &secret_fops);
	if (!IS_ERR(f))
		inode_get_write(i); /* nobody runs it */
	d_put(d);
	return f;
}
