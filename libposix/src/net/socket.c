/*
 * socket.c - sockets: socket(7). Each is its system call; send and recv are sendto and recvfrom
 * without an address. Those that may wait are cancellation points.
 */
#include "../internal/syscall.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

int socket(int family, int type, int protocol)
{
	return (int)RET(SC(__NR_socket, family, type, protocol));
}

int socketpair(int family, int type, int protocol, int fds[2])
{
	return (int)RET(SC(__NR_socketpair, family, type, protocol, fds));
}

int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	return (int)RET(SC(__NR_bind, fd, addr, len));
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return (int)RET(SCC(__NR_connect, fd, addr, len));
}

int listen(int fd, int backlog)
{
	return (int)RET(SC(__NR_listen, fd, backlog));
}

int accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	return (int)RET(SCC(__NR_accept, fd, addr, len));
}

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return (int)RET(SCC(__NR_accept4, fd, addr, len, flags));
}

int getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
	return (int)RET(SC(__NR_getsockname, fd, addr, len));
}

int getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
	return (int)RET(SC(__NR_getpeername, fd, addr, len));
}

int getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	return (int)RET(SC(__NR_getsockopt, fd, level, name, val, len));
}

int setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	return (int)RET(SC(__NR_setsockopt, fd, level, name, val, len));
}

int shutdown(int fd, int how)
{
	return (int)RET(SC(__NR_shutdown, fd, how));
}

ssize_t sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *to,
	       socklen_t len)
{
	return RET(SCC(__NR_sendto, fd, buf, n, flags, to, len));
}

ssize_t recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from, socklen_t *len)
{
	return RET(SCC(__NR_recvfrom, fd, buf, n, flags, from, len));
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	return sendto(fd, buf, n, flags, NULL, 0);
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	return recvfrom(fd, buf, n, flags, NULL, NULL);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return RET(SCC(__NR_sendmsg, fd, msg, flags));
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	return RET(SCC(__NR_recvmsg, fd, msg, flags));
}

int sendmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
	return (int)RET(SCC(__NR_sendmmsg, fd, msgs, n, flags));
}

int recvmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags, struct timespec *timeout)
{
	return (int)RET(SCC(__NR_recvmmsg, fd, msgs, n, flags, timeout));
}

int sockatmark(int fd)
{
	int mark;

	return ioctl(fd, SIOCATMARK, &mark) ? -1 : mark;
}
