/*
 * open.c - streams come and go: the three standard ones, the list of all that are
 * open, fopen, fdopen, freopen, fclose, fflush. file_list_lock guards the list; it
 * is taken after no stream's lock.
 */
#include "file.h"
#include "../internal/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE file_err = {
	.fd = 2, .flags = F_WRITE | F_STATIC | F_MODE_SET, .mode = _IONBF, .ops = &__fd_ops
};
static FILE file_out = { .fd = 1, .flags = F_WRITE | F_STATIC, .ops = &__fd_ops, .next = &file_err };
static FILE file_in = { .fd = 0, .flags = F_READ | F_STATIC, .ops = &__fd_ops, .next = &file_out };

#undef stdin
#undef stdout
#undef stderr
FILE *stdin = &file_in;
FILE *stdout = &file_out;
FILE *stderr = &file_err;

static int file_list_lock;
static FILE *file_list = &file_in;

int __file_mode(const char *mode)
{
	int flags;

	switch (mode[0]) {
	case 'r':
		flags = O_RDONLY;
		break;
	case 'w':
		flags = O_WRONLY | O_CREAT | O_TRUNC;
		break;
	case 'a':
		flags = O_WRONLY | O_CREAT | O_APPEND;
		break;
	default:
		errno = EINVAL;
		return -1;
	}
	for (const char *p = mode + 1; *p && *p != ','; p++) {
		if (*p == '+')
			flags = (flags & ~O_ACCMODE) | O_RDWR;
		else if (*p == 'e')
			flags |= O_CLOEXEC;
		else if (*p == 'x')
			flags |= O_EXCL;
	}
	return flags;
}

static unsigned int file_flags(int flags)
{
	return ((flags & O_ACCMODE) != O_WRONLY ? F_READ : 0) |
	       ((flags & O_ACCMODE) != O_RDONLY ? F_WRITE : 0) | (flags & O_APPEND ? F_APPEND : 0);
}

FILE *__file_new(int open_flags)
{
	FILE *f = calloc(1, sizeof(*f));

	if (f) {
		f->fd = -1;
		f->flags = file_flags(open_flags);
	}
	return f;
}

FILE *__file_add(FILE *f)
{
	__lock(&file_list_lock);
	f->next = file_list;
	file_list->prev = f;
	file_list = f;
	__unlock(&file_list_lock);
	return f;
}

void __file_remove(FILE *f)
{
	__lock(&file_list_lock);
	if (f->prev)
		f->prev->next = f->next;
	else
		file_list = f->next;
	if (f->next)
		f->next->prev = f->prev;
	__unlock(&file_list_lock);
}

FILE *fdopen(int fd, const char *mode)
{
	int flags = __file_mode(mode);
	int now;
	FILE *f;

	if (flags < 0)
		return NULL;
	now = fcntl(fd, F_GETFL);
	if (now < 0)
		return NULL;
	f = __file_new(flags);
	if (!f)
		return NULL;
	if (flags & O_CLOEXEC)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (flags & O_APPEND && !(now & O_APPEND))
		fcntl(fd, F_SETFL, now | O_APPEND);
	f->fd = fd;
	f->ops = &__fd_ops;
	return __file_add(f);
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
	int flags = __file_mode(mode);
	FILE *f;
	int fd;

	if (flags < 0)
		return NULL;
	fd = open(path, flags, 0666);
	if (fd < 0)
		return NULL;
	f = __file_new(flags);
	if (!f) {
		close(fd);
		return NULL;
	}
	f->fd = fd;
	f->ops = &__fd_ops;
	return __file_add(f);
}

static void drop_buffer(FILE *f)
{
	if (f->flags & F_OWN_BUF)
		free(f->buf - UNGET_MAX);
	f->buf = NULL;
	f->rpos = f->rend = f->wbase = f->wpos = f->wend = f->wfast = NULL;
	f->flags &= ~F_OWN_BUF;
}

int fclose(FILE *f)
{
	int err;

	file_lock(f);
	err = __file_sync(f);
	__file_remove(f);
	if (f->ops->close && f->ops->close(f))
		err = EOF;
	drop_buffer(f);
	free(f->line);
	f->line = NULL;
	f->flags &= ~(F_READ | F_WRITE);
	f->fd = -1;
	file_unlock(f);
	if (!(f->flags & F_STATIC))
		free(f);
	return err;
}

/* The descriptor keeps its number, so that stdin is 0 after as before. */
FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict f)
{
	int flags = __file_mode(mode);
	int fd;

	file_lock(f);
	__file_sync(f);
	if (flags < 0)
		goto out_close;
	if (!path) {
		/* Another mode for the same file, where its descriptor allows that. */
		int now = fcntl(f->fd, F_GETFL);

		if (now < 0 || ((now & O_ACCMODE) != O_RDWR && (now ^ flags) & O_ACCMODE)) {
			errno = EBADF;
			goto out_close;
		}
		fcntl(f->fd, F_SETFL, (now & ~O_APPEND) | (flags & O_APPEND));
	} else {
		fd = open(path, flags, 0666);
		if (fd < 0)
			goto out_close;
		if (f->ops != &__fd_ops || f->fd < 0) {
			if (f->ops->close && f->fd >= 0)
				f->ops->close(f);
			f->fd = fd;
		} else if (fd != f->fd) {
			if (dup3(fd, f->fd, flags & O_CLOEXEC) < 0) {
				close(fd);
				goto out_close;
			}
			close(fd);
		}
	}
	f->ops = &__fd_ops;
	f->flags = (f->flags & (F_STATIC | F_OWN_BUF | F_MODE_SET)) | file_flags(flags);
	f->wide = 0;
	f->state = (mbstate_t){ 0 };
	file_unlock(f);
	return f;
out_close:
	file_unlock(f);
	fclose(f);
	return NULL;
}

int fflush_unlocked(FILE *f)
{
	if (!f)
		return fflush(NULL);
	return __file_sync(f);
}

int fflush(FILE *f)
{
	int err = 0;

	if (f) {
		file_lock(f);
		err = __file_sync(f);
		file_unlock(f);
		return err;
	}
	__lock(&file_list_lock);
	for (f = file_list; f; f = f->next) {
		file_lock(f);
		if (f->wbase)
			err |= __file_flush(f);
		file_unlock(f);
	}
	__unlock(&file_list_lock);
	return err ? EOF : 0;
}

/* Who is about to wait for input shows what standard output still holds. */
void _flushlbf(void)
{
	FILE *f = &file_out;

	if (f->wpos != f->wbase && f->mode == _IOLBF) {
		file_lock(f);
		__file_flush(f);
		file_unlock(f);
	}
}

/* At exit input is given back too: who reads on after us finds what we did not take. */
void __stdio_exit(void)
{
	__lock(&file_list_lock);
	for (FILE *f = file_list; f; f = f->next) {
		if (f->owner && f->owner != (uintptr_t)__builtin_thread_pointer())
			continue;
		__file_sync(f);
	}
}

/*
 * fork(2): the list must be whole in the child, where no other thread is left to give
 * back a stream it held. Before (0) and after, in the parent (1) and in the child (2).
 */
void __stdio_fork(int when)
{
	uintptr_t me = (uintptr_t)__builtin_thread_pointer();

	if (!when) {
		__lock(&file_list_lock);
		return;
	}
	for (FILE *f = file_list; when == 2 && f; f = f->next) {
		if (f->owner == me)
			continue;
		f->lock = 0;
		f->owner = 0;
		f->depth = 0;
	}
	__unlock(&file_list_lock);
}
