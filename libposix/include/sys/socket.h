/*
 * sys/socket.h - sockets: socket(7), and the calls of POSIX. Constants and structures are the
 * kernel's own; a message's control data is walked as cmsg(3) says.
 */
#ifndef _SYS_SOCKET_H
#define _SYS_SOCKET_H

#include <features.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <uapi/socket.h>

#define CMSG_ALIGN(n) (((n) + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1))
#define CMSG_SPACE(n) (CMSG_ALIGN(n) + CMSG_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_LEN(n)   (CMSG_ALIGN(sizeof(struct cmsghdr)) + (n))
#define CMSG_DATA(c)  ((unsigned char *)((c) + 1))
#define CMSG_FIRSTHDR(m) \
	((m)->msg_controllen < sizeof(struct cmsghdr) ? NULL : (struct cmsghdr *)(m)->msg_control)
#define CMSG_NXTHDR(m, c)                                                                   \
	((c)->cmsg_len < sizeof(struct cmsghdr) ||                                          \
			 (char *)(c) + CMSG_ALIGN((c)->cmsg_len) + sizeof(struct cmsghdr) > \
				 (char *)(m)->msg_control + (m)->msg_controllen ?           \
		 NULL :                                                                     \
		 (struct cmsghdr *)((char *)(c) + CMSG_ALIGN((c)->cmsg_len)))

#define PF_UNSPEC  AF_UNSPEC
#define PF_UNIX	   AF_UNIX
#define PF_LOCAL   AF_LOCAL
#define PF_INET	   AF_INET
#define PF_INET6   AF_INET6
#define PF_NETLINK AF_NETLINK
#define PF_PACKET  AF_PACKET
#define PF_VSOCK   AF_VSOCK
#define PF_MAX	   AF_MAX
#define AF_FILE	   AF_UNIX
#define PF_FILE	   AF_UNIX
#define AF_ROUTE   AF_NETLINK
#define PF_ROUTE   AF_NETLINK
#define MSG_EOF	   MSG_FIN
#define MSG_FIN	   0x200
#define MSG_SYN	   0x400
#define MSG_RST	   0x1000
#define MSG_BATCH  0x40000
#if __MISC_VISIBLE
#define SCM_TIMESTAMP	SO_TIMESTAMP
#define SCM_TIMESTAMPNS SO_TIMESTAMPNS
#define SO_GET_FILTER	SO_ATTACH_FILTER
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct timespec;

#if __MISC_VISIBLE
struct ucred {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

#define SOL_RAW	   255
#define SOL_ICMPV6 58
#endif

int socket(int family, int type, int protocol);
int socketpair(int family, int type, int protocol, int fds[2]);
int bind(int fd, const struct sockaddr *addr, socklen_t len);
int connect(int fd, const struct sockaddr *addr, socklen_t len);
int listen(int fd, int backlog);
int accept(int fd, struct sockaddr *addr, socklen_t *len);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
#endif
int getsockname(int fd, struct sockaddr *addr, socklen_t *len);
int getpeername(int fd, struct sockaddr *addr, socklen_t *len);
int getsockopt(int fd, int level, int name, void *val, socklen_t *len);
int setsockopt(int fd, int level, int name, const void *val, socklen_t len);
int shutdown(int fd, int how);
ssize_t send(int fd, const void *buf, size_t n, int flags);
ssize_t recv(int fd, void *buf, size_t n, int flags);
ssize_t sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *to,
	       socklen_t len);
ssize_t recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from, socklen_t *len);
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t recvmsg(int fd, struct msghdr *msg, int flags);
#if __MISC_VISIBLE
int sendmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags);
int recvmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags, struct timespec *timeout);
int isfdtype(int fd, int type);
#endif
int sockatmark(int fd); /* 1: what comes next was sent with MSG_OOB, or after it */

#ifdef __cplusplus
}
#endif

#endif
