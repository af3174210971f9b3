/*
 * Unix sockets: names. unix(7). One in the file system is an inode whose `special` is the
 * socket; an abstract one, which begins with NUL, is a key of a tree. A socket gets a name once
 * and keeps it till it is released.
 *
 * Locks: names_lock guards the tree; it comes before a socket's lock. An inode's lock guards
 * `special`, and is taken alone.
 */
#include "net/unix.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "net/net.h"

#define PATH_OFFSET ((int)offsetof(struct sockaddr_un, sun_path))

static spinlock_t names_lock = SPINLOCK_INIT(RANK_FS, "unix names");
static struct rb_root abstract_names; /* [names_lock] */

void unix_addr_put(struct unix_addr *a)
{
	if (a && atomic_dec_and_test(&a->refs))
		kfree(a);
}

int unix_copy_addr(const struct unix_addr *a, struct sockaddr_storage *out)
{
	if (!a) {
		out->ss_family = AF_UNIX;
		return PATH_OFFSET;
	}
	memcpy(out, &a->sun, (size_t)a->len);
	return a->len;
}

/* A name out of what a program gave. A path gets its NUL; ERR_PTR. */
static struct unix_addr *make_addr(const struct sockaddr_storage *addr, int len)
{
	const struct sockaddr_un *sun = (const struct sockaddr_un *)addr;
	struct unix_addr *a;

	if (len <= PATH_OFFSET || len > (int)sizeof(*sun) || sun->sun_family != AF_UNIX)
		return ERR_PTR(-EINVAL);
	a = kzalloc(sizeof(*a) + 1, 0); /* a path may fill sun_path without its NUL */
	if (!a)
		return ERR_PTR(-ENOMEM);
	atomic_set(&a->refs, 1);
	memcpy(&a->sun, sun, (size_t)len);
	a->len = len;
	if (sun->sun_path[0])
		a->len = PATH_OFFSET + (int)strlen(a->sun.sun_path) + 1;
	return a;
}

/* Abstract names in order: by network, type, length and bytes. */
static int compare_names(const struct net *net, int type, const struct unix_addr *a,
			 const struct unix_sock *u)
{
	if (net != u->sk.net)
		return net < u->sk.net ? -1 : 1;
	if (type != u->sk.type)
		return type - u->sk.type;
	if (a->len != u->addr->len)
		return a->len - u->addr->len;
	return memcmp(a->sun.sun_path, u->addr->sun.sun_path, (size_t)(a->len - PATH_OFFSET));
}

/* [names_lock] The socket with this abstract name; its place in the tree. */
static struct unix_sock *find_abstract(const struct net *net, int type, const struct unix_addr *a,
				       struct rb_node **parent, struct rb_node ***link)
{
	*link = &abstract_names.node;
	*parent = NULL;
	while (**link) {
		struct unix_sock *u = rb_entry(**link, struct unix_sock, name_link);
		int cmp = compare_names(net, type, a, u);

		if (!cmp)
			return u;
		*parent = **link;
		*link = cmp < 0 ? &(*parent)->left : &(*parent)->right;
	}
	return NULL;
}

/* Gives u the abstract name a, whose reference passes on success. 0, -EADDRINUSE, -EINVAL. */
static int bind_abstract(struct unix_sock *u, struct unix_addr *a)
{
	struct rb_node *parent, **link;
	int err = 0;

	spin_lock(&names_lock);
	spin_lock(&u->sk.lock);
	if (u->addr || u->dead) {
		err = -EINVAL;
	} else if (find_abstract(u->sk.net, u->sk.type, a, &parent, &link)) {
		err = -EADDRINUSE;
	} else {
		u->addr = a;
		rb_insert(&abstract_names, &u->name_link, parent, link, NULL);
	}
	spin_unlock(&u->sk.lock);
	spin_unlock(&names_lock);
	return err;
}

int unix_autobind(struct unix_sock *u)
{
	struct unix_addr *a = kzalloc(sizeof(*a) + 1, 0);
	int err = -EADDRINUSE;
	u32 n = (u32)random_u64();

	if (!a)
		return -ENOMEM;
	atomic_set(&a->refs, 1);
	a->sun.sun_family = AF_UNIX;
	a->len = PATH_OFFSET + 1 + 5;
	for (u32 i = 0; i <= 0xfffff && err == -EADDRINUSE; i++) {
		snprintf(a->sun.sun_path + 1, 6, "%05x", (n + i) & 0xfffff);
		err = bind_abstract(u, a);
	}
	if (err)
		unix_addr_put(a);
	if (err == -EADDRINUSE)
		return -ENOSPC;
	return err == -EINVAL ? 0 : err; /* it has a name already */
}

/* Gives u the name at a, which becomes a socket in the file system. */
static int bind_path(struct unix_sock *u, struct unix_addr *a)
{
	struct path p;
	int err;

	err = vfs_mknod(AT_FDCWD, a->sun.sun_path, S_IFSOCK | 0777, 0);
	if (err)
		return err == -EEXIST ? -EADDRINUSE : err;
	err = path_lookup(AT_FDCWD, a->sun.sun_path, 0, &p);
	if (err)
		return err;
	spin_lock(&u->sk.lock);
	if (u->addr || u->dead) {
		err = -EINVAL;
	} else {
		u->addr = a;
		u->path = p;
	}
	spin_unlock(&u->sk.lock);
	if (err) {
		path_put(&p);
		vfs_unlink(AT_FDCWD, a->sun.sun_path);
		return err;
	}
	spin_lock(&p.dentry->inode->lock);
	p.dentry->inode->special = u;
	spin_unlock(&p.dentry->inode->lock);
	return 0;
}

int unix_bind(struct socket *sk, const struct sockaddr_storage *addr, int len)
{
	struct unix_sock *u = to_unix(sk);
	struct unix_addr *a;
	int err;

	if (len == PATH_OFFSET && addr->ss_family == AF_UNIX)
		return unix_autobind(u);
	a = make_addr(addr, len);
	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	err = a->sun.sun_path[0] ? bind_path(u, a) : bind_abstract(u, a);
	if (err)
		unix_addr_put(a);
	return err;
}

static struct unix_sock *find_path(const char *name, int type)
{
	struct unix_sock *u = NULL;
	struct inode *i;
	struct path p;
	int err = path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, &p);

	if (err)
		return ERR_PTR(err);
	i = p.dentry->inode;
	err = inode_permission(p.mnt, i, MAY_WRITE);
	if (!err) {
		err = -ECONNREFUSED;
		if (S_ISSOCK(i->mode)) {
			spin_lock(&i->lock);
			u = i->special;
			if (u) {
				unix_get(u);
				err = 0;
			}
			spin_unlock(&i->lock);
		}
	}
	if (!err && u->sk.type != type) {
		unix_put(u);
		err = -EPROTOTYPE;
	}
	if (!err)
		inode_touch(i, ATTR_ATIME);
	path_put(&p);
	return err ? ERR_PTR(err) : u;
}

struct unix_sock *unix_find(const struct sockaddr_storage *addr, int len, int type)
{
	struct unix_addr *a = make_addr(addr, len);
	struct rb_node *parent, **link;
	struct unix_sock *u;

	if (IS_ERR(a))
		return ERR_CAST(a);
	if (a->sun.sun_path[0]) {
		u = find_path(a->sun.sun_path, type);
	} else {
		spin_lock(&names_lock);
		u = find_abstract(current_net(), type, a, &parent, &link);
		if (u)
			unix_get(u);
		spin_unlock(&names_lock);
		if (!u)
			u = ERR_PTR(-ECONNREFUSED);
	}
	unix_addr_put(a);
	return u;
}

void unix_forget_name(struct unix_sock *u)
{
	spin_lock(&names_lock);
	if (!rb_node_empty(&u->name_link)) {
		rb_erase(&abstract_names, &u->name_link, NULL);
		rb_clear_node(&u->name_link);
	}
	spin_unlock(&names_lock);
	/* Embryos share the listener's path; its inode knows the listener. */
	if (u->path.dentry) {
		struct inode *i = u->path.dentry->inode;

		spin_lock(&i->lock);
		if (i->special == u)
			i->special = NULL;
		spin_unlock(&i->lock);
		path_put(&u->path);
		u->path = (struct path){ NULL, NULL };
	}
}
