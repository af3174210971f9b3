/* PACKET_TX_RING of packet(7): frames that a program puts into mapped memory are sent over the loopback. */
#include "abi.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define LO    1
#define TYPE  0x88b5
#define FRAME 2048

static int result(const char *what, long r)
{
	say("%s: %s\n", what, r < 0 ? ename(errno) : "ok");
	return r < 0;
}

static void sent(const char *what, long r)
{
	if (r < 0)
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: %ld\n", what, r);
}

static struct sockaddr_ll name(void)
{
	return (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_protocol = htons(TYPE), .sll_ifindex = LO, .sll_halen = 6 };
}

/* Hears what came in, not what went out. */
static int hear(void)
{
	struct sockaddr_ll a = name();
	int s = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0), one = 1;

	setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	bind(s, (void *)&a, sizeof(a));
	return s;
}

static void heard(int s)
{
	unsigned char b[4096];
	int n;

	while ((n = (int)recv(s, b, sizeof(b), 0)) >= 0)
		say("  heard %d bytes, type %02x%02x, %02x %02x .. %02x\n", n, b[12], b[13], b[14], b[15], b[n - 1]);
	say("  no more: %s\n", ename(errno));
}

static volatile unsigned *state(unsigned char *map, int version, int i)
{
	unsigned char *at = map + i * FRAME;

	return version == TPACKET_V3 ? &((struct tpacket3_hdr *)at)->tp_status : &((struct tpacket2_hdr *)at)->tp_status;
}

static void put(unsigned char *map, int version, int type, int i, unsigned n, int number)
{
	unsigned char *at = map + i * FRAME, *data;
	unsigned link = type == SOCK_RAW ? 14 : 0;

	if (version == TPACKET_V3) {
		((struct tpacket3_hdr *)at)->tp_len = n;
		data = at + TPACKET_ALIGN(sizeof(struct tpacket3_hdr));
	} else {
		if (version == TPACKET_V1)
			((struct tpacket_hdr *)at)->tp_len = n;
		else
			((struct tpacket2_hdr *)at)->tp_len = n;
		data = at + TPACKET_ALIGN(sizeof(struct tpacket2_hdr));
	}
	if (n < FRAME - 100 && n > link) {
		memset(data, number, n);
		if (link) {
			memset(data, 0, 12);
			data[12] = TYPE >> 8, data[13] = TYPE & 255;
		}
		data[n - 1] = 0xee;
	}
	*state(map, version, i) = TP_STATUS_SEND_REQUEST;
}

static void states(unsigned char *map, int version)
{
	say("  states:");
	for (int i = 0; i < 8; i++)
		say(" %x", *state(map, version, i));
	say("\n");
}

static void ring(int version, int type, int loss)
{
	struct tpacket_req3 q = { .tp_block_size = 4096, .tp_block_nr = 4, .tp_frame_size = FRAME, .tp_frame_nr = 8 };
	socklen_t size = version == TPACKET_V3 ? sizeof(q) : sizeof(struct tpacket_req);
	int s = socket(AF_PACKET, type, 0), ears = hear(), v = version;
	struct sockaddr_ll a = name();
	unsigned char *map;

	say("--- version %d, %s%s\n", version + 1, type == SOCK_RAW ? "raw" : "datagrams", loss ? ", loss" : "");
	result("version", setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof(v)));
	result("loss", setsockopt(s, SOL_PACKET, PACKET_LOSS, &loss, sizeof(loss)));
	if (version == TPACKET_V3) {
		q.tp_retire_blk_tov = 10;
		result("with a timeout", setsockopt(s, SOL_PACKET, PACKET_TX_RING, &q, size));
		q.tp_retire_blk_tov = 0;
	}
	q.tp_frame_nr = 7;
	result("wrong sum", setsockopt(s, SOL_PACKET, PACKET_TX_RING, &q, size));
	q.tp_frame_nr = 8;
	result("ring", setsockopt(s, SOL_PACKET, PACKET_TX_RING, &q, size));
	result("loss", setsockopt(s, SOL_PACKET, PACKET_LOSS, &loss, sizeof(loss)));
	result("version", setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof(v)));
	map = mmap(NULL, 8 * FRAME, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
	if (result("map", map == MAP_FAILED ? -1 : 0))
		return;
	result("map less", (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, s, 0));
	sent("no device", send(s, NULL, 0, 0));
	if (type == SOCK_DGRAM) {
		a.sll_halen = 3;
		sent("short address", sendto(s, NULL, 0, 0, (void *)&a, sizeof(a)));
		a.sll_halen = 6;
	}
	sent("nothing", sendto(s, NULL, 0, 0, (void *)&a, sizeof(a)));
	say("poll %x\n", (unsigned)(poll(&(struct pollfd){ s, POLLOUT, 0 }, 1, 0)));
	put(map, version, type, 0, 60, 1);
	put(map, version, type, 1, 1000, 2);
	put(map, version, type, 3, 80, 3); /* not the next */
	states(map, version);
	sent("two", sendto(s, NULL, 0, 0, (void *)&a, sizeof(a)));
	states(map, version);
	heard(ears);
	put(map, version, type, 2, 15, 4);
	sent("two more", sendto(s, "ignored", 7, MSG_DONTWAIT, (void *)&a, sizeof(a)));
	states(map, version);
	heard(ears);
	put(map, version, type, 4, 100, 5);
	put(map, version, type, 5, FRAME, 6); /* longer than there is room */
	put(map, version, type, 6, 100, 7);
	sent("one is too long", sendto(s, NULL, 0, 0, (void *)&a, sizeof(a)));
	states(map, version);
	heard(ears);
	sent("again", sendto(s, NULL, 0, 0, (void *)&a, sizeof(a)));
	states(map, version);
	put(map, version, type, 5, 100, 8);
	sent("mended", sendto(s, NULL, 0, 0, (void *)&a, sizeof(a)));
	states(map, version);
	heard(ears);
	if (version == TPACKET_V3) {
		for (int i = 0; i < 8; i++)
			((struct tpacket3_hdr *)(map + i * FRAME))->tp_next_offset = 64;
		for (int i = 0; i < 8; i++)
			put(map, version, type, i, 100, 9);
		sent("next offset", sendto(s, NULL, 0, 0, (void *)&a, sizeof(a)));
		heard(ears);
	}
	munmap(map, 8 * FRAME);
	memset(&q, 0, sizeof(q));
	result("no ring", setsockopt(s, SOL_PACKET, PACKET_TX_RING, &q, size));
	close(s), close(ears);
}

int main(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(s, SIOCSIFFLAGS, &r);
	ring(TPACKET_V2, SOCK_RAW, 0);
	ring(TPACKET_V2, SOCK_DGRAM, 0);
	ring(TPACKET_V2, SOCK_RAW, 1);
	ring(TPACKET_V3, SOCK_RAW, 0);
	ring(TPACKET_V1, SOCK_RAW, 0);
	ring(TPACKET_V1, SOCK_DGRAM, 0);
	return 0;
}
