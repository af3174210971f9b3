/*
 * TUN and TAP devices: what is sent to one is read from its descriptor, what is written there is
 * received; names, flags, permissions, several queues, what stays and what goes. Prints what is not so,
 * and "done".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TYPE 0x88b5

static int checks;

static void check(int ok, const char *what)
{
	checks++;
	if (!ok)
		printf("not so: %s (%s)\n", what, strerror(errno));
}

/* The result of TUNSETIFF: a descriptor or -errno; the name that came is put into name. */
static int attach(const char *want, int flags, char *name)
{
	struct ifreq r = { .ifr_flags = flags };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	strcpy(r.ifr_name, want);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r) < 0) {
		int err = errno;

		close(fd);
		return -err;
	}
	if (name)
		strcpy(name, r.ifr_name);
	return fd;
}

static int set_up(const char *name)
{
	struct ifreq r = { 0 };
	int s = socket(AF_PACKET, SOCK_RAW, 0), err;

	strcpy(r.ifr_name, name);
	r.ifr_flags = IFF_UP;
	err = ioctl(s, SIOCSIFFLAGS, &r);
	close(s);
	return err;
}

static int exists(const char *name)
{
	struct ifreq r = { 0 };
	int s = socket(AF_PACKET, SOCK_RAW, 0), err;

	strcpy(r.ifr_name, name);
	err = ioctl(s, SIOCGIFFLAGS, &r);
	close(s);
	return err == 0;
}

/* A packet socket on the device that was made last. */
static int on_device(int type, int protocol, int index)
{
	int s = socket(AF_PACKET, type, htons(protocol));
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(protocol),
				  .sll_ifindex = index };

	check(bind(s, (void *)&ll, sizeof(ll)) == 0, "bind to the device");
	return s;
}

static int ready(int fd, int events, int ms)
{
	struct pollfd p = { fd, events, 0 };

	poll(&p, 1, ms);
	return p.revents & events;
}

/* Reads from fd until a frame of our type comes; its length. */
static ssize_t read_ours(int fd, unsigned char *b, size_t n, size_t type_at)
{
	while (ready(fd, POLLIN, 5000)) {
		ssize_t r = read(fd, b, n);

		if (r < 0 || (b[type_at] == TYPE >> 8 && b[type_at + 1] == (TYPE & 255)))
			return r;
	}
	return -1;
}

static void tap(int index)
{
	unsigned char f[100] = { 2, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 7, TYPE >> 8, TYPE & 255, 0x77 },
		      b[2000];
	struct ifreq r = { 0 };
	int fd = attach("", IFF_TAP | IFF_NO_PI, r.ifr_name), s;

	check(fd >= 0 && !strcmp(r.ifr_name, "tap0"), "tap0");
	check(write(fd, f, 60) < 0 && errno == EIO, "EIO while it is down");
	check(set_up("tap0") == 0, "up");
	check(ioctl(fd, TUNGETIFF, &r) == 0 && (unsigned short)r.ifr_flags == (IFF_TAP | IFF_NO_PI),
	      "TUNGETIFF");
	check(attach("tap0", IFF_TAP | IFF_NO_PI, NULL) == -EBUSY, "EBUSY");
	check(attach("tap0", IFF_TUN | IFF_NO_PI, NULL) == -EINVAL, "EINVAL: another kind");
	check(attach("lo", IFF_TAP, NULL) == -EINVAL, "EINVAL: lo");
	check(attach("x", 0, NULL) == -EINVAL, "EINVAL: no kind");
	s = on_device(SOCK_RAW, TYPE, index);
	check(write(fd, f, 60) == 60, "write");
	check(recv(s, b, sizeof(b), 0) == 60 && !memcmp(b, f, 60), "what is written is received");
	check(write(fd, f, 13) < 0 && errno == EINVAL, "EINVAL: no header");
	check(send(s, f, 70, 0) == 70, "send");
	check(read_ours(fd, b, sizeof(b), 12) == 70 && !memcmp(b, f, 70), "what is sent is read");
	check(send(s, f, 70, 0) == 70 && read_ours(fd, b, 30, 12) == 30,
	      "cut to what there is room for");
	while (read(fd, b, sizeof(b)) >= 0)
		continue;
	check(errno == EAGAIN, "EAGAIN");
	close(fd);
	check(!exists("tap0"), "gone with its descriptor");
	check(recv(s, b, sizeof(b), MSG_DONTWAIT) < 0 && errno == ENETDOWN, "ENETDOWN");
	close(s);
}

static void tun(int index)
{
	unsigned char ip[40] = { 0, 0, 8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 253 }, b[200];
	struct tun_pi pi = { 0 };
	int fd = attach("vpn%d", IFF_TUN, NULL), s;

	check(exists("vpn0") && set_up("vpn0") == 0, "vpn0");
	s = on_device(SOCK_DGRAM, ETH_P_ALL, index);
	check(write(fd, ip, 32) == 32, "write with its header");
	check(recv(s, b, sizeof(b), 0) == 28 && b[0] == 0x45, "received without");
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IPV6),
				  .sll_ifindex = index };
	check(sendto(s, ip, 30, 0, (void *)&to, sizeof(to)) == 30, "send");
	do {
		if (!ready(fd, POLLIN, 5000))
			break;
		check(read(fd, b, sizeof(b)) > 4, "read");
		memcpy(&pi, b, 4);
	} while (b[4] != 0);
	check(pi.proto == htons(ETH_P_IPV6) && !(pi.flags & TUN_PKT_STRIP),
	      "the header says what it is");
	check(write(fd, ip, 3) < 0 && errno == EINVAL, "EINVAL: less than the header");
	close(fd), close(s);
	fd = attach("", IFF_TUN | IFF_NO_PI, NULL);
	check(set_up("tun0") == 0, "tun0");
	check(write(fd,
		    "\x77"
		    "abc",
		    4) < 0 &&
		      errno == EINVAL,
	      "EINVAL: neither IPv4 nor IPv6");
	check(write(fd, ip + 4, 28) == 28, "without a header");
	close(fd);
}

static void queues(int index)
{
	unsigned char f[100] = { 2, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 7, 8, 0, 0x45 }, b[2000];
	int fd[3], s, seen[3] = { 0 };
	struct ifreq r = { .ifr_flags = IFF_DETACH_QUEUE };

	for (int i = 0; i < 3; i++)
		fd[i] = attach("multi", IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE, NULL);
	check(fd[0] >= 0 && fd[2] >= 0, "three queues");
	check(attach("multi", IFF_TAP | IFF_NO_PI, NULL) == -EINVAL, "EINVAL: not one of several");
	check(set_up("multi") == 0, "up");
	s = on_device(SOCK_RAW, TYPE, index);
	for (int i = 0; i < 64; i++) {
		f[23] = 17;
		f[29] = (unsigned char)i;
		f[34] = (unsigned char)i;
		check(send(s, f, 60, 0) == 60, "send");
	}
	for (int i = 0; i < 3; i++)
		while (read(fd[i], b, sizeof(b)) > 0)
			seen[i] += b[12] == 8;
	check(seen[0] + seen[1] + seen[2] == 64, "each frame in one queue");
	check(seen[0] && seen[1] && seen[2], "each queue has some");
	check(ioctl(fd[1], TUNSETQUEUE, &r) == 0, "detach");
	check(ioctl(fd[1], TUNSETQUEUE, &r) < 0 && errno == EINVAL, "EINVAL: detached");
	r.ifr_flags = IFF_ATTACH_QUEUE;
	check(ioctl(fd[1], TUNSETQUEUE, &r) == 0, "attach");
	close(fd[0]), close(fd[1]);
	check(exists("multi"), "there with its last descriptor");
	close(fd[2]), close(s);
	check(!exists("multi"), "gone with it");
}

/* A TCP segment of 5,000 bytes with a header that says so: received as one, sent as one or as four. */
static void segments(int index)
{
	struct virtio_net_hdr h = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				    .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
				    .hdr_len = 54,
				    .gso_size = 1300,
				    .csum_start = 34,
				    .csum_offset = 16 };
	static unsigned char f[10 + 5054], b[8000];
	int fd = attach("seg", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, NULL), s, size = 0;

	check(set_up("seg") == 0, "up");
	s = on_device(SOCK_RAW, ETH_P_IP, index);
	memcpy(f, &h, 10);
	memcpy(f + 10, "\2\0\0\0\0\x9\4\0\0\0\0\7\10\0", 14);
	f[24] = 0x45;
	f[26] = 5040 >> 8, f[27] = 5040 & 255;
	f[33] = 6;
	f[56] = 0x50, f[57] = 0x10;
	check(write(fd, f, sizeof(f)) == sizeof(f), "write a large segment");
	check(recv(s, b, sizeof(b), MSG_TRUNC) == 5054, "received whole");
	f[0] = 1, f[6] = 255, f[7] = 255;
	check(write(fd, f, sizeof(f)) < 0 && errno == EINVAL, "EINVAL: a checksum outside");
	check(ioctl(fd, TUNGETVNETHDRSZ, &size) == 0 && size == 10, "10 bytes");
	size = 12;
	check(ioctl(fd, TUNSETVNETHDRSZ, &size) == 0, "12 bytes");
	size = 9;
	check(ioctl(fd, TUNSETVNETHDRSZ, &size) < 0 && errno == EINVAL, "EINVAL: 9 bytes");
	check(ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) == 0, "offloads");
	check(ioctl(fd, TUNSETOFFLOAD, 0x800) < 0 && errno == EINVAL, "EINVAL: unknown ones");
	f[22 + 2] = TYPE >> 8;
	check(send(s, f + 10, 60, 0) == 60, "send");
	check(ready(fd, POLLIN, 5000) && read(fd, b, sizeof(b)) > 12,
	      "read with 12 bytes before it");
	close(fd), close(s);
}

/* What rtnetlink(7) says of the kind: attribute `type` of IFLA_INFO_DATA; -1: it is not there. */
static long info(const char *name, int type)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
	} ask = { { sizeof(ask), RTM_GETLINK, NLM_F_REQUEST, 1, 0 },
		  { .ifi_index = (int)if_nametoindex(name) } };
	static const int way[] = { IFLA_LINKINFO, IFLA_INFO_DATA };
	static char got[8192];
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), len;
	struct rtattr *a = (void *)(got + NLMSG_LENGTH(sizeof(ask.i)));
	long v = -1;

	send(s, &ask, sizeof(ask), 0);
	len = (int)recv(s, got, sizeof(got), 0) - (int)NLMSG_LENGTH(sizeof(ask.i));
	close(s);
	for (int level = 0; level < 2; level++) {
		while (RTA_OK(a, len) && (a->rta_type & NLA_TYPE_MASK) != way[level])
			a = RTA_NEXT(a, len);
		if (!RTA_OK(a, len))
			return -2;
		len = RTA_PAYLOAD(a);
		a = RTA_DATA(a);
	}
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == type)
			v = RTA_PAYLOAD(a) == 1 ? *(unsigned char *)RTA_DATA(a) :
						  *(int *)RTA_DATA(a);
	return v;
}

static void kinds(void)
{
	struct ifreq r = { .ifr_flags = IFF_DETACH_QUEUE };
	int fd = attach("plain", IFF_TUN, NULL), more[2];

	check(info("plain", IFLA_TUN_TYPE) == IFF_TUN && info("plain", IFLA_TUN_PI) == 1,
	      "a TUN device with headers");
	check(info("plain", IFLA_TUN_OWNER) == -1 && info("plain", IFLA_TUN_GROUP) == -1,
	      "anybody's");
	check(!info("plain", IFLA_TUN_PERSIST) && !info("plain", IFLA_TUN_VNET_HDR),
	      "neither stays nor has more headers");
	check(!info("plain", IFLA_TUN_MULTI_QUEUE) && info("plain", IFLA_TUN_NUM_QUEUES) == -1,
	      "one queue");
	ioctl(fd, TUNSETOWNER, 5);
	ioctl(fd, TUNSETGROUP, 7);
	ioctl(fd, TUNSETPERSIST, 1);
	check(info("plain", IFLA_TUN_OWNER) == 5 && info("plain", IFLA_TUN_GROUP) == 7,
	      "somebody's");
	check(info("plain", IFLA_TUN_PERSIST) == 1, "stays");
	ioctl(fd, TUNSETPERSIST, 0);
	close(fd);
	for (int i = 0; i < 2; i++)
		more[i] =
			attach("many", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE, NULL);
	check(info("many", IFLA_TUN_TYPE) == IFF_TAP && !info("many", IFLA_TUN_PI),
	      "a TAP device without headers");
	check(info("many", IFLA_TUN_VNET_HDR) == 1 && info("many", IFLA_TUN_MULTI_QUEUE) == 1,
	      "but virtio's, many queues");
	check(info("many", IFLA_TUN_NUM_QUEUES) == 2 && !info("many", IFLA_TUN_NUM_DISABLED_QUEUES),
	      "two of them");
	check(ioctl(more[1], TUNSETQUEUE, &r) == 0, "one is detached");
	check(info("many", IFLA_TUN_NUM_QUEUES) == 1 &&
		      info("many", IFLA_TUN_NUM_DISABLED_QUEUES) == 1,
	      "one of each");
	close(more[0]);
	check(exists("many") && info("many", IFLA_TUN_NUM_QUEUES) == 0,
	      "a detached queue keeps the device");
	r.ifr_flags = IFF_ATTACH_QUEUE;
	check(ioctl(more[1], TUNSETQUEUE, &r) == 0 && info("many", IFLA_TUN_NUM_QUEUES) == 1,
	      "and comes back");
	r.ifr_flags = IFF_DETACH_QUEUE;
	ioctl(more[1], TUNSETQUEUE, &r);
	close(more[1]);
	check(!exists("many"), "it goes with its last");
}

static void rights(void)
{
	int fd = attach("mine", IFF_TAP | IFF_NO_PI, NULL), st;

	check(ioctl(fd, TUNSETOWNER, 1000) == 0 && ioctl(fd, TUNSETPERSIST, 1) == 0,
	      "owner, persist");
	close(fd);
	check(exists("mine"), "it stays");
	check(attach("mine", IFF_TAP | IFF_TUN_EXCL, NULL) == -EBUSY, "EBUSY: it is there");
	if (!fork()) {
		setgid(1000), setuid(1000);
		fd = attach("mine", IFF_TAP | IFF_NO_PI, NULL);
		_exit(fd < 0 ? 1 : attach("other", IFF_TAP, NULL) != -EPERM ? 2 : 0);
	}
	wait(&st);
	check(st == 0, "its owner may, and may no other");
	if (!fork()) {
		setgid(1001), setuid(1001);
		_exit(attach("mine", IFF_TAP | IFF_NO_PI, NULL) != -EPERM);
	}
	wait(&st);
	check(st == 0, "EPERM: another's");
	fd = attach("mine", IFF_TAP | IFF_NO_PI, NULL);
	check(ioctl(fd, TUNSETPERSIST, 0) == 0, "no longer");
	close(fd);
	check(!exists("mine"), "gone");
	fd = open("/dev/net/tun", O_RDWR);
	check(read(fd, &st, 4) < 0 && errno == EBADFD, "EBADFD");
	check(ioctl(fd, TUNSETPERSIST, 0) < 0 && errno == EBADFD, "EBADFD");
	check(ioctl(fd, TUNGETFEATURES, &st) == 0 && st & IFF_MULTI_QUEUE && st & IFF_VNET_HDR,
	      "features");
	close(fd);
}

int main(int argc, char **argv)
{
	int first = argc > 1 ? atoi(argv[1]) : 2; /* the number of the next device */

	tap(first);
	tun(first + 1);
	queues(first + 3);
	segments(first + 4);
	kinds();
	rights();
	printf("done: %d\n", checks > 100);
	return 0;
}
