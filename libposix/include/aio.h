/*
 * aio.h - reads and writes that go on meanwhile: aio(7), done by threads of the library.
 */
#ifndef _AIO_H
#define _AIO_H

#include <features.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct aiocb {
	int aio_fildes, aio_lio_opcode, aio_reqprio;
	volatile void *aio_buf;
	size_t aio_nbytes;
	struct sigevent aio_sigevent;
	void *__job;
	volatile int __error;
	volatile ssize_t __result;
	off_t aio_offset;
	void *__pad[4];
};

#define AIO_CANCELED	0
#define AIO_NOTCANCELED 1
#define AIO_ALLDONE	2
#define LIO_READ	0
#define LIO_WRITE	1
#define LIO_NOP		2
#define LIO_WAIT	0
#define LIO_NOWAIT	1

int aio_read(struct aiocb *cb);
int aio_write(struct aiocb *cb);
int aio_fsync(int op, struct aiocb *cb);
int aio_error(const struct aiocb *cb);
ssize_t aio_return(struct aiocb *cb);
int aio_cancel(int fd, struct aiocb *cb);
int aio_suspend(const struct aiocb *const list[], int count, const struct timespec *timeout);
int lio_listio(int mode, struct aiocb *__restrict const *__restrict list, int count,
	       struct sigevent *__restrict event);

#if __MISC_VISIBLE
#define aiocb64 aiocb
#endif

#ifdef __cplusplus
}
#endif

#endif
