/*
 * failfile.c - calls on descriptors and files while memory is short (failnth.c).
 */
#include "failnth.h"
#include "tests.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fds[2];

static void undo_pair(long got)
{
	(void)got;
	close(fds[0]);
	close(fds[1]);
}

static long call_pipe(void)
{
	return pipe(fds);
}

static long call_socketpair(void)
{
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
}

static long call_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}

static void before_pipe(void)
{
	CHECK(!pipe(fds));
}

static void before_socketpair(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static long call_pipe_write(void)
{
	static char some[3 * PAGE];

	/* A part may have gone through. */
	return write(fds[1], some, sizeof(some));
}

static long call_send(void)
{
	return send(fds[1], "hello", 5, 0);
}

static long call_send_fd(void)
{
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	memset(&control, 0, sizeof(control));
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fds[0], sizeof(int));
	return sendmsg(fds[1], &m, 0);
}

static long call_create(void)
{
	return open("new", O_RDWR | O_CREAT, 0600);
}

static void undo_create(long fd)
{
	close((int)fd);
	CHECK(!unlink("new"));
}

static long call_open(void)
{
	return open("/proc/self/status", O_RDONLY);
}

static long call_opendir(void)
{
	char room[512];
	long got = open("/proc/self", O_RDONLY | O_DIRECTORY);

	if (got >= 0) {
		int fd = (int)got;

		got = CALL(getdents64, fd, room, sizeof(room));
		close(fd);
	}
	return got;
}

static long call_read_text(void)
{
	char room[512];
	int fd = open("/proc/self/maps", O_RDONLY);
	long got = fd < 0 ? -1 : read(fd, room, sizeof(room));

	if (fd >= 0)
		close(fd);
	return got;
}

static void before_write(void)
{
	fds[0] = open("new", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fds[0] >= 0);
}

static long call_write(void)
{
	static char some[2 * PAGE];

	return pwrite(fds[0], some, sizeof(some), 0);
}

static void undo_write(long got)
{
	(void)got;
	undo_create(fds[0]);
}

static long call_mkdir(void)
{
	return mkdir("folder", 0700);
}

static void undo_mkdir(long got)
{
	(void)got;
	CHECK(!rmdir("folder"));
}

static long call_rename(void)
{
	return rename("old", "new");
}

static void before_rename(void)
{
	make_file("old", "x");
	unlink("new");
}

static void undo_rename(long got)
{
	unlink(got < 0 ? "old" : "new");
}

static long call_symlink(void)
{
	return symlink("somewhere", "link");
}

static void undo_symlink(long got)
{
	(void)got;
	CHECK(!unlink("link"));
}

static long call_mount(void)
{
	return mount("tmpfs", "folder", "tmpfs", 0, NULL);
}

static void before_mount(void)
{
	CHECK(!mkdir("folder", 0700));
}

static void undo_mount(long got)
{
	CHECK(got < 0 || !umount("folder"));
	CHECK(!rmdir("folder"));
}

static void before_union(void)
{
	CHECK(!mkdir("folder", 0700) && !mkdir("l", 0700) && !mkdir("u", 0700) &&
	      !mkdir("w", 0700));
	CHECK(!mkdir("l/d", 0700));
	make_file("l/d/f", "x");
}

static void undo_union(long got)
{
	CHECK(got < 0 || !umount("folder"));
	rmdir("w/work");
	CHECK(!rmdir("u") && !rmdir("w") && !rmdir("folder"));
	CHECK(!unlink("l/d/f") && !rmdir("l/d") && !rmdir("l"));
}

static long call_union(void)
{
	return mount("o", "folder", "overlay", 0, "lowerdir=l,upperdir=u,workdir=w");
}

static void before_copy_up(void)
{
	before_union();
	CHECK(!call_union());
}

static long call_copy_up(void)
{
	return rename("folder/d/f", "folder/d/new");
}

static void undo_copy_up(long got)
{
	CHECK(!unlink(got < 0 ? "folder/d/f" : "folder/d/new") && !rmdir("folder/d"));
	CHECK(!umount("folder") && !unlink("u/d"));
	undo_union(-1);
}

static long call_dup(void)
{
	return dup2(0, 700);
}

static long call_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = epoll_create1(0);

	if (fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, fds[0], &ev)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static void undo_epoll(long fd)
{
	close((int)fd);
	undo_pair(0);
}

static long call_eventfd(void)
{
	return eventfd(0, 0);
}

static long call_timerfd(void)
{
	return CALL(timerfd_create, CLOCK_MONOTONIC, 0);
}

static long call_signalfd(void)
{
	unsigned long mask = 1;

	return CALL(signalfd4, -1, &mask, sizeof(mask), 0);
}

const struct work failnth_files[] = {
	{ "pipe", call_pipe, undo_pair, NULL, 0 },
	{ "socketpair", call_socketpair, undo_pair, NULL, 0 },
	{ "socket", call_socket, failnth_close, NULL, 0 },
	{ "send", call_send, undo_pair, before_socketpair, 0 },
	{ "sendmsg with a descriptor", call_send_fd, undo_pair, before_socketpair, 0 },
	{ "write to a pipe", call_pipe_write, undo_pair, before_pipe, 0 },
	{ "open of a new file", call_create, undo_create, NULL, 0 },
	{ "open", call_open, failnth_close, NULL, 0 },
	{ "getdents64", call_opendir, NULL, NULL, 0 },
	{ "read of /proc", call_read_text, NULL, NULL, 0 },
	{ "write to a file", call_write, undo_write, before_write, 0 },
	{ "mkdir", call_mkdir, undo_mkdir, NULL, 0 },
	{ "rename", call_rename, undo_rename, before_rename, 0 },
	{ "symlink", call_symlink, undo_symlink, NULL, 0 },
	{ "mount", call_mount, undo_mount, before_mount, 0 },
	{ "union", call_union, undo_union, before_union, 0 },
	{ "copy-up", call_copy_up, undo_copy_up, before_copy_up, 0 },
	{ "dup2", call_dup, failnth_close, NULL, 1 },
	{ "epoll_ctl", call_epoll, undo_epoll, before_pipe, 0 },
	{ "eventfd", call_eventfd, failnth_close, NULL, 0 },
	{ "timerfd_create", call_timerfd, failnth_close, NULL, 0 },
	{ "signalfd", call_signalfd, failnth_close, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};
