/*
 * Asynchronous I/O: io_setup(2), io_submit(2), io_getevents(2)... Argument checking; fs/aio.c acts.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>

#include "core/signal.h"
#include "core/task.h"
#include "fs/aio.h"
#include "mm/usercopy.h"
#include "syscall/sigmask.h"
#include "syscall/timespec.h"

long sys_io_setup(unsigned int nr, void __user *uid)
{
	u64 id;
	int err;

	if (get_user_u64(&id, uid))
		return -EFAULT;
	if (id || !nr)
		return -EINVAL;
	err = aio_setup(nr, &id);
	if (err)
		return err;
	if (put_user_u64(id, uid)) {
		struct aio_ctx *c = aio_find(id);

		if (c) {
			aio_destroy(c);
			aio_put(c);
		}
		return -EFAULT;
	}
	return 0;
}

long sys_io_destroy(unsigned long id)
{
	struct aio_ctx *c = aio_find(id);
	long err;

	if (!c)
		return -EINVAL;
	err = aio_destroy(c);
	aio_put(c);
	return err;
}

static int submit_one(struct aio_ctx *c, const u64 __user *from)
{
	struct iocb cb;
	u64 user;

	if (get_user_u64(&user, from) || copy_from_user(&cb, (const void __user *)user, sizeof(cb)))
		return -EFAULT;
	return aio_submit(c, &cb, user);
}

long sys_io_submit(unsigned long id, long nr, void __user *uiocbs)
{
	const u64 __user *from = uiocbs;
	struct aio_ctx *c;
	long done = 0;
	int err = 0;

	if (nr < 0)
		return -EINVAL;
	c = aio_find(id);
	if (!c)
		return -EINVAL;
	nr = min(nr, (long)aio_room(c));
	while (done < nr && !err) {
		err = submit_one(c, from + done);
		done += !err;
	}
	aio_put(c);
	return done ? done : err;
}

long sys_io_cancel(unsigned long id, void __user *uiocb, void __user *uresult __unused)
{
	struct aio_ctx *c;
	u32 key;
	long err;

	if (get_user_u32(&key, &((struct iocb __user *)uiocb)->aio_key))
		return -EFAULT;
	if (key)
		return -EINVAL;
	c = aio_find(id);
	if (!c)
		return -EINVAL;
	err = aio_cancel(c, (__force u64)uiocb);
	aio_put(c);
	return err;
}

static long get_events(unsigned long id, long min_nr, long nr, void __user *uevents,
		       const void __user *utimeout)
{
	struct aio_ctx *c;
	u64 deadline;
	long ret = deadline_from_user(utimeout, &deadline);

	if (ret)
		return ret;
	c = aio_find(id);
	if (!c)
		return -EINVAL;
	ret = min_nr > nr || min_nr < 0 ? -EINVAL : aio_events(c, min_nr, nr, uevents, deadline);
	aio_put(c);
	return ret;
}

long sys_io_getevents(unsigned long id, long min_nr, long nr, void __user *uevents,
		      const void __user *utimeout)
{
	return get_events(id, min_nr, nr, uevents, utimeout);
}

struct sigset_arg {
	u64 mask; /* address */
	u64 size;
};

long sys_io_pgetevents(unsigned long id, long min_nr, long nr, void __user *uevents,
		       const void __user *utimeout, void __user *usig)
{
	struct sigset_arg a = { 0 };
	long ret;

	if (usig && copy_from_user(&a, usig, sizeof(a)))
		return -EFAULT;
	ret = use_mask((const void __user *)a.mask, a.size);
	if (ret)
		return ret;
	ret = get_events(id, min_nr, nr, uevents, utimeout);
	ret = ret == -EINTR ? -ERESTARTNOHAND : ret;
	restore_mask(ret);
	return ret;
}
