/*
 * sys/epoll.h - epoll(7). The event's data is a union here and 64 bits to the kernel.
 */
#ifndef _SYS_EPOLL_H
#define _SYS_EPOLL_H

#include <features.h>
#include <signal.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define epoll_event __kernel_epoll_event
#include <uapi/epoll.h>
#undef epoll_event
#define EPOLL_NONBLOCK 00004000

typedef union epoll_data {
	void *ptr;
	int fd;
	uint32_t u32;
	uint64_t u64;
} epoll_data_t;

struct epoll_event {
	uint32_t events;
	epoll_data_t data;
};

int epoll_create(int size);
int epoll_create1(int flags);
int epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev);
int epoll_wait(int epfd, struct epoll_event *ev, int count, int ms);
int epoll_pwait(int epfd, struct epoll_event *ev, int count, int ms, const sigset_t *mask);
int epoll_pwait2(int epfd, struct epoll_event *ev, int count, const struct timespec *timeout,
		 const sigset_t *mask);

#ifdef __cplusplus
}
#endif

#endif
