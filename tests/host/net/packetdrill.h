/*
 * packetdrill's shared-library interface, between its files: packetdrill.c has the calls,
 * packetdrill_wait.c who waits and time, packetdrill_poll.c epoll and pipes, packetdrill_net.c the
 * device and the settings.
 */
#ifndef TESTS_HOST_NET_PACKETDRILL_H
#define TESTS_HOST_NET_PACKETDRILL_H

#include "fs/fs.h"
#include "tcp_world.h"

/* Of libc, as far as needed. */
int *__errno_location(void);
char *getenv(const char *name);
void *fopen(const char *name, const char *mode);
char *fgets(char *s, int n, void *f);
int fputs(const char *s, void *f);
int fclose(void *f);
int sscanf(const char *s, const char *fmt, ...);

/* A packet that was sent, as it is on the wire. */
struct pd_sent {
	struct list_head link;
	u64 at;
	u32 len;
	u8 bytes[];
};
extern struct list_head pd_sent_list;

/* The descriptors that we gave out; they begin where no file of packetdrill's own has its number. */
#define PD_FD_FIRST 1000
struct pd_entry {
	bool used;
	struct socket *sk;
	struct file file, *epoll;
	bool pipe;
};
struct pd_entry *pd_entry(int fd); /* NULL: not ours */
int pd_new_entry(void);

/* A call begins: the lock is taken, the settings are read; the socket of fd, or NULL. */
struct socket *pd_begin(int fd);
void pd_lock(void);
/* A call ends: the lock is let go. ret, or -1 with errno set. */
long pd_done(long ret);
/* With the lock: until ready(sk) or the time. q NULL: it is asked whenever something has happened. */
int pd_wait(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline);
void pd_let_go(void); /* whoever may go on does, until it waits again */
void pd_pass(u64 at); /* time passes until then */

struct timeval_host {
	long sec, usec;
};
struct pollfd_host {
	int fd;
	short events, revents;
};
int pd_usleep(void *u, unsigned usec);
int pd_gettimeofday(void *u, struct timeval_host *tv, void *tz);
int pd_poll(void *u, struct pollfd_host *fds, unsigned long n, int timeout);
int pd_epoll_create(void *u, int size);
int pd_epoll_ctl(void *u, int ep, int op, int fd, void *event);
int pd_epoll_wait(void *u, int ep, void *events, int n, int timeout);
int pd_pipe(void *u, int fds[2]);
int pd_splice(void *u, int in, s64 *off_in, int out, s64 *off_out, size_t n, unsigned flags);
ssize_t pd_recv(void *u, int fd, void *buf, size_t n, int flags);

void pd_device_start(void);
void pd_device_input(const void *ip, size_t n); /* a packet from outside */
void pd_settings_read(void); /* what TARN_SYSCTL says now */
void pd_counters_write(void); /* for nstat, where it says */
#endif
