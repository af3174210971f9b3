/*
 * Filters of sockets: SO_ATTACH_FILTER of socket(7), with lib/cbpf.h. Attached under sk->lock; a
 * packet's way reads the pointer under RCU.
 */
#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/filter.h>

#include "alloc/slab.h"
#include "arch/riscv/thread.h"
#include "core/random.h"
#include "core/rcu.h"
#include "dev/netdev.h"
#include "lib/cbpf.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/socket.h"

struct socket_filter {
	struct rcu_head rcu;
	atomic_t refs; /* [a] sockets and groups that have it */
	unsigned n;
	struct sock_filter insns[];
};

static void free_filter(struct rcu_head *h)
{
	kfree(container_of(h, struct socket_filter, rcu));
}

void packet_filter_put(struct socket_filter *f)
{
	if (f && !atomic_dec_return(&f->refs))
		call_rcu(&f->rcu, free_filter);
}

/* Puts f (NULL: none) in the place of what was there. 0, -EPERM: locked; -ENOENT: nothing for nothing. */
static int replace(struct socket *sk, struct socket_filter *f)
{
	struct socket_filter *old;
	int err = 0;

	spin_lock(&sk->lock);
	old = sk->filter;
	if (sk->filter_locked)
		err = -EPERM;
	else if (!old && !f)
		err = -ENOENT;
	else
		smp_store_release(&sk->filter, f);
	spin_unlock(&sk->lock);
	if (!err)
		packet_filter_put(old);
	return err;
}

struct socket_filter *packet_filter_load(const void __user *val, int len)
{
	struct sock_fprog prog;
	struct socket_filter *f;
	u16 *scratch;
	size_t size;
	int err;

	if (len != (int)sizeof(prog))
		return ERR_PTR(-EINVAL);
	if (copy_from_user(&prog, val, sizeof(prog)))
		return ERR_PTR(-EFAULT);
	if (!prog.len || prog.len > BPF_MAXINSNS || !prog.filter)
		return ERR_PTR(-EINVAL);
	size = prog.len * sizeof(f->insns[0]);
	f = kmalloc(sizeof(*f) + size, 0);
	scratch = kcalloc(prog.len, sizeof(*scratch));
	err = -ENOMEM;
	if (f && scratch) {
		f->n = prog.len;
		atomic_set(&f->refs, 1);
		err = copy_from_user(f->insns, prog.filter, size) ?
			      -EFAULT :
			      cbpf_check_packet(f->insns, f->n, scratch);
	}
	kfree(scratch);
	if (err)
		kfree(f);
	return err ? ERR_PTR(err) : f;
}

int socket_filter_set(struct socket *sk, const void __user *val, int len,
		      int (*put_in_place)(struct socket *sk, struct socket_filter *f))
{
	struct socket_filter *f;
	int err;

	if (len == (int)sizeof(struct sock_fprog) && READ_ONCE(sk->filter_locked))
		return -EPERM;
	f = packet_filter_load(val, len);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	err = put_in_place(sk, f);
	if (err)
		packet_filter_put(f);
	return err;
}

int socket_attach_filter(struct socket *sk, const void __user *val, int len)
{
	return socket_filter_set(sk, val, len, replace);
}

int socket_detach_filter(struct socket *sk)
{
	return replace(sk, NULL);
}

void socket_inherit_filter(struct socket *sk, const struct socket *from)
{
	sk->filter = from->filter;
	if (sk->filter)
		atomic_inc(&sk->filter->refs);
	sk->filter_locked = from->filter_locked;
}

int socket_get_filter(struct socket *sk, void __user *val, int __user *ulen)
{
	struct sock_filter *copy = NULL;
	unsigned n = 0;
	u32 len;
	int err = 0;

	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	spin_lock(&sk->lock);
	if (sk->filter) {
		n = sk->filter->n;
		copy = kmemdup(sk->filter->insns, n * sizeof(*copy));
	}
	spin_unlock(&sk->lock);
	if (n && !copy)
		return -ENOMEM;
	if (n && len && len < n)
		err = -EINVAL;
	else if (n && len && copy_to_user(val, copy, n * sizeof(*copy)))
		err = -EFAULT;
	kfree(copy);
	return err ? err : put_user_u32(n, (u32 __user *)ulen);
}

void socket_filter_free(struct socket *sk)
{
	packet_filter_put(sk->filter);
}

/* --- the run --- */

struct view {
	const struct packet *p;
	int off; /* where the program's byte 0 is, from p->data */
};

static bool load_special(const struct packet *p, u32 what, u32 *v)
{
	switch (what) {
	case SKF_AD_PROTOCOL:
		*v = p->protocol;
		return true;
	case SKF_AD_PKTTYPE:
		*v = p->whom;
		return true;
	case SKF_AD_IFINDEX:
		*v = p->dev ? (u32)p->dev->ifindex : 0;
		return p->dev;
	case SKF_AD_HATYPE:
		*v = p->dev ? p->dev->type : 0;
		return p->dev;
	case SKF_AD_MARK:
		*v = p->mark;
		return true;
	case SKF_AD_RXHASH:
		*v = p->flow;
		return true;
	case SKF_AD_CPU:
		*v = hart_id();
		return true;
	case SKF_AD_RANDOM:
		*v = (u32)random_u64();
		return true;
	case SKF_AD_QUEUE:
	case SKF_AD_VLAN_TAG:
	case SKF_AD_VLAN_TAG_PRESENT:
	case SKF_AD_VLAN_TPID:
		*v = 0;
		return true;
	default:
		return false;
	}
}

static bool load(const void *arg, u32 off, unsigned n, u32 *v)
{
	const struct view *view = arg;
	const struct packet *p = view->p;
	s64 at = (s64)view->off + (s32)off;
	u8 b[4];

	if ((s32)off < 0) {
		u32 front = packet_headroom(p);

		if (off - (u32)SKF_AD_OFF < SKF_AD_MAX)
			return load_special(p, off - (u32)SKF_AD_OFF, v);
		if ((s32)off >= SKF_NET_OFF)
			at = (s64)p->network - front + (s32)off - SKF_NET_OFF;
		else if ((s32)off >= SKF_LL_OFF)
			at = (s64)p->mac - front + (s32)off - SKF_LL_OFF;
		else
			return false;
	}
	if (at + n > p->len)
		return false;
	if (at >= 0) {
		packet_read(p, (u32)at, b, n);
	} else { /* headers that were taken off */
		if (at < -(s64)packet_headroom(p) || at + n > packet_linear(p))
			return false;
		memcpy(b, p->data + at, n);
	}
	*v = n == 4 ? get_be32(b) : n == 2 ? get_be16(b) : b[0];
	return true;
}

u32 packet_filter_run(const struct socket_filter *f, const struct packet *p, int off)
{
	struct view view = { p, off };
	struct cbpf_source src = { load, &view, (u32)((s64)p->len - off) };

	return cbpf_run_packet(f->insns, &src);
}

u32 socket_filter(struct socket *sk, const struct packet *p, int off)
{
	const struct socket_filter *f = smp_load_acquire(&sk->filter);

	return f ? packet_filter_run(f, p, off) : ~0u;
}

struct message_view {
	u32 len;
	void (*read)(const void *msg, u32 off, void *buf, u32 n);
	const void *msg;
};

/* A message that is no packet has no headers, device or hash. */
static bool load_message(const void *arg, u32 off, unsigned n, u32 *v)
{
	const struct message_view *m = arg;
	u32 what = off - (u32)SKF_AD_OFF;
	u8 b[4];

	if (off >= (u32)SKF_AD_OFF) {
		*v = what == SKF_AD_CPU ? hart_id() : what == SKF_AD_RANDOM ? (u32)random_u64() : 0;
		return what < SKF_AD_MAX && what != SKF_AD_IFINDEX && what != SKF_AD_HATYPE;
	}
	if (off > m->len || m->len - off < n)
		return false;
	m->read(m->msg, off, b, n);
	*v = n == 4 ? get_be32(b) : n == 2 ? get_be16(b) : b[0];
	return true;
}

u32 socket_filter_read(struct socket *sk, u32 len,
		       void (*read)(const void *msg, u32 off, void *buf, u32 n), const void *msg)
{
	const struct socket_filter *f = smp_load_acquire(&sk->filter);
	struct message_view view = { len, read, msg };
	struct cbpf_source src = { load_message, &view, len };

	return f ? cbpf_run_packet(f->insns, &src) : ~0u;
}
