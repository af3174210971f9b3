/*
 * prctl(2), the options about memory: PR_SET_MM, PR_SET_VMA, PR_SET_MDWE, PR_GET_AUXV and the like.
 * What describes a space is changed with mm->sem held for writing; its flags are atomic.
 */
#include <atomic.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/mount.h>
#include <uapi/prctl.h>
#include <uapi/resource.h>
#include <uapi/stat.h>

#include "core/cred.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "syscall/prctl.h"

#define NAME_MAX_SIZE 80 /* of anonymous memory, with the NUL */

/* --- PR_SET_MM ------------------------------------------------------------------------------------ */

static void layout_read(const struct mm *mm, struct prctl_mm_map *m)
{
	*m = (struct prctl_mm_map){
		.start_code = mm->code_start,
		.end_code = mm->code_end,
		.start_data = mm->data_start,
		.end_data = mm->data_end,
		.start_brk = mm->brk_start,
		.brk = mm->brk,
		.start_stack = mm->stack_top,
		.arg_start = mm->arg_start,
		.arg_end = mm->arg_end,
		.env_start = mm->env_start,
		.env_end = mm->env_end,
	};
}

static void layout_write(struct mm *mm, const struct prctl_mm_map *m)
{
	mm->code_start = m->start_code;
	mm->code_end = m->end_code;
	mm->data_start = m->start_data;
	mm->data_end = m->end_data;
	mm->brk_start = m->start_brk;
	mm->brk = m->brk;
	mm->stack_top = m->start_stack;
	mm->arg_start = m->arg_start;
	mm->arg_end = m->arg_end;
	mm->env_start = m->env_start;
	mm->env_end = m->env_end;
}

#define LAYOUT_WORDS (offsetof(struct prctl_mm_map, auxv) / sizeof(u64))

static bool layout_valid(const struct prctl_mm_map *m)
{
	const u64 *word = &m->start_code;

	for (unsigned i = 0; i < LAYOUT_WORDS; i++)
		if (word[i] < VM_MIN_ADDR || word[i] >= USER_TOP)
			return false;
	return m->start_code < m->end_code && m->start_data <= m->end_data &&
	       m->start_brk <= m->brk && m->arg_start <= m->arg_end && m->env_start <= m->env_end &&
	       m->brk - m->start_brk + (m->end_data - m->start_data) <= rlimit_get(RLIMIT_DATA);
}

static int read_auxv(u64 *auxv, const void __user *from, u64 bytes)
{
	const size_t size = sizeof(((struct mm *)0)->auxv);

	if (bytes > size)
		return -EINVAL;
	memset(auxv, 0, size);
	if (copy_from_user(auxv, from, bytes))
		return -EFAULT;
	/* It ends with AT_NULL, whatever was given. */
	auxv[AUXV_WORDS - 2] = auxv[AUXV_WORDS - 1] = 0;
	return 0;
}

static void auxv_write(struct mm *mm, const u64 *auxv)
{
	memcpy(mm->auxv, auxv, sizeof(mm->auxv));
	mm->auxv_words = AUXV_WORDS;
}

/* The file that /proc/PID/exe leads to; the old one may not be mapped any more. */
static long set_exe(struct mm *mm, int fd)
{
	struct file *f = fd_get(fd), *old;
	struct vmobject *old_pages;
	long err;

	if (!f)
		return -EBADF;
	err = -EACCES;
	if (!S_ISREG(f->inode->mode) || path_noexec(&f->path))
		goto out;
	err = inode_permission(f->path.mnt, f->inode, MAY_EXEC);
	if (err)
		goto out;
	rwsem_write_lock(&mm->sem);
	old = mm->exe;
	old_pages = old ? &old->inode->pages : NULL;
	for (struct area *a = area_first(mm); a && !err; a = area_next(a))
		if (a->obj && a->obj == old_pages)
			err = -EBUSY;
	if (!err && inode_deny_write(f->inode))
		err = -EACCES;
	if (!err)
		mm->exe = file_get(f);
	rwsem_write_unlock(&mm->sem);
	if (!err && old)
		mm_exe_put(old);
out:
	file_put(f);
	return err;
}

static long set_map(struct mm *mm, const void __user *from, u64 size)
{
	u64 auxv[AUXV_WORDS];
	struct prctl_mm_map m;
	long err;

	if (size != sizeof(m))
		return -EINVAL;
	if (copy_from_user(&m, from, sizeof(m)))
		return -EFAULT;
	if (!layout_valid(&m))
		return -EINVAL;
	if (m.auxv_size) {
		if (!m.auxv)
			return -EINVAL;
		err = read_auxv(auxv, m.auxv, m.auxv_size);
		if (err)
			return err;
	}
	if (m.exe_fd != ~0U) {
		if (!own_capable(CAP_SYS_ADMIN) && !own_capable(CAP_CHECKPOINT_RESTORE))
			return -EPERM;
		err = set_exe(mm, (int)m.exe_fd);
		if (err)
			return err;
	}
	rwsem_write_lock(&mm->sem);
	layout_write(mm, &m);
	if (m.auxv_size)
		auxv_write(mm, auxv);
	rwsem_write_unlock(&mm->sem);
	return 0;
}

/* sem held for writing. One word of the layout; the strings' borders have to be mapped. */
static long set_word(struct mm *mm, u64 opt, u64 addr)
{
	/* By option from PR_SET_MM_START_CODE on: the place in prctl_mm_map, in words. */
	static const u8 place[] = { 0, 1, 2, 3, 6, 4, 5, 7, 8, 9, 10 };
	struct prctl_mm_map m;

	if (opt < PR_SET_MM_START_CODE || opt > PR_SET_MM_ENV_END)
		return -EINVAL;
	layout_read(mm, &m);
	memcpy((u64 *)&m + place[opt - PR_SET_MM_START_CODE], &addr, sizeof(addr));
	if (!layout_valid(&m))
		return -EINVAL;
	if ((opt == PR_SET_MM_START_STACK || opt >= PR_SET_MM_ARG_START) && !area_find(mm, addr))
		return -EFAULT;
	layout_write(mm, &m);
	return 0;
}

long prctl_set_mm(u64 opt, u64 addr, u64 arg4, u64 arg5)
{
	struct mm *mm = current->mm;
	u64 auxv[AUXV_WORDS];
	long err;

	if (arg5 ||
	    (arg4 && opt != PR_SET_MM_AUXV && opt != PR_SET_MM_MAP && opt != PR_SET_MM_MAP_SIZE))
		return -EINVAL;
	if (opt == PR_SET_MM_MAP_SIZE)
		return put_user_u32(sizeof(struct prctl_mm_map), (u32 __user *)addr);
	if (opt == PR_SET_MM_MAP)
		return set_map(mm, (const void __user *)addr, arg4);
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (opt == PR_SET_MM_EXE_FILE)
		return set_exe(mm, (int)addr);
	if (opt == PR_SET_MM_AUXV) {
		err = read_auxv(auxv, (const void __user *)addr, arg4);
		if (err)
			return err;
	} else if (addr >= USER_TOP || addr < VM_MIN_ADDR) {
		return -EINVAL;
	}
	rwsem_write_lock(&mm->sem);
	if (opt == PR_SET_MM_AUXV) {
		auxv_write(mm, auxv);
		err = 0;
	} else {
		err = set_word(mm, opt, addr);
	}
	rwsem_write_unlock(&mm->sem);
	return err;
}

long prctl_get_auxv(void __user *to, u64 size)
{
	struct mm *mm = current->mm;

	if (copy_to_user(to, mm->auxv, min(size, sizeof(mm->auxv))))
		return -EFAULT;
	return sizeof(mm->auxv);
}

/* --- PR_SET_VMA ----------------------------------------------------------------------------------- */

static bool name_valid(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e || strchr("\\`$[]", *s))
			return false;
	return true;
}

long prctl_set_vma(u64 opt, u64 addr, u64 size, const char __user *uname)
{
	struct area_name *n = NULL;
	char name[NAME_MAX_SIZE];
	ssize_t len;
	long err;

	if (opt != PR_SET_VMA_ANON_NAME)
		return -EINVAL;
	if (uname) {
		len = strncpy_from_user(name, uname, sizeof(name));
		if (len < 0)
			return len == -EFAULT ? -EFAULT : -EINVAL;
		if (!name_valid(name))
			return -EINVAL;
		n = area_name_new(name);
		if (!n)
			return -ENOMEM;
	}
	err = vm_set_name(current->mm, addr, size, n);
	area_name_put(n);
	return err;
}

/* --- flags of the space ----------------------------------------------------------------------------- */

long prctl_mm_flag(u32 flag, bool on)
{
	if (on)
		__atomic_fetch_or(&current->mm->flags, flag, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&current->mm->flags, ~flag, __ATOMIC_RELAXED);
	return 0;
}

long prctl_get_mdwe(void)
{
	u32 flags = READ_ONCE(current->mm->flags);

	return (flags & MM_MDWE ? PR_MDWE_REFUSE_EXEC_GAIN : 0) |
	       (flags & MM_MDWE_NO_INHERIT ? PR_MDWE_NO_INHERIT : 0);
}

/* Once set it stays as it is. */
long prctl_set_mdwe(u64 bits)
{
	long old = prctl_get_mdwe();

	if ((bits & ~(u64)(PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT)) ||
	    bits == PR_MDWE_NO_INHERIT)
		return -EINVAL;
	if (old && (u64)old != bits)
		return -EPERM;
	return prctl_mm_flag((bits & PR_MDWE_REFUSE_EXEC_GAIN ? MM_MDWE : 0) |
				     (bits & PR_MDWE_NO_INHERIT ? MM_MDWE_NO_INHERIT : 0),
			     true);
}
