/*
 * Every kind of segment in every state of TCP: what is answered, and what becomes of the connection.
 * The table says what RFC 9293 3.10.7 and RFC 5961 demand, RFC 1337 and 6191 for TIME-WAIT; where they
 * leave a choice, what Linux does.
 *
 *	test_tcp_states [-v]	-v: the table as it is
 */
#include "tcp_world.h"

#include <err.h>

#include "fs/poll.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "sync/log.h"

#define OUR_PORT   80
#define THEIR_PORT 5000
#define THEIR_ISN  1000
#define FAR	   (1U << 24) /* beyond any window */

/* The state in which a segment finds us; _C: no program has it open any more. */
enum where {
	CLOSED,
	LISTEN,
	SYN_SENT,
	SYN_RECV, /* a listener's */
	SYN_BOTH, /* both sides' SYNs met */
	ESTAB,
	FIN_WAIT1,
	FIN_WAIT1_C,
	FIN_WAIT2,
	FIN_WAIT2_C,
	CLOSE_WAIT,
	CLOSING,
	LAST_ACK,
	TIMEWAIT,
	NR_WHERE,
};
static const char *const where_names[] = { "CLOSED",	"LISTEN",      "SYN-SENT",   "SYN-RECV",
					   "SYN-BOTH",	"ESTAB",       "FIN-WAIT1",  "FIN-WAIT1 C",
					   "FIN-WAIT2", "FIN-WAIT2 C", "CLOSE-WAIT", "CLOSING",
					   "LAST-ACK",	"TIME-WAIT" };

enum what {
	RST_EXACT, /* the next number */
	RST_IN, /* in the window */
	RST_OUT,
	RST_ACK, /* with the ACK of what we sent */
	SYN_NEXT, /* the next number */
	SYN_OLD, /* the one of the handshake, again */
	SYN_OUT,
	SYN_ACK_,
	SYN_FIN,
	ACK_OK,
	ACK_NEW, /* of what was never sent */
	ACK_OLD, /* of what was sent long ago */
	NO_ACK, /* data, and none of the flags */
	DATA,
	DATA_OLD,
	DATA_OUT,
	FIN,
	FIN_AGAIN, /* the number before the next one */
	FIN_OUT,
	NR_WHAT,
};
static const char *const what_names[] = { "RST",     "RST in",	  "RST out",  "RST+ACK",
					  "SYN",     "SYN again", "SYN out",  "SYN+ACK",
					  "SYN+FIN", "ACK",	  "ACK new",  "ACK old",
					  "no ACK",  "data",	  "data old", "data out",
					  "FIN",     "FIN again", "FIN out" };

/*
 * What is answered: "-" nothing, A an ACK, R a RST, S a SYN-ACK; then, where it changes, the state, as
 * /proc/net/tcp numbers it (1 ESTABLISHED, 3 SYN-RECV, 6 TIME-WAIT, 7 there is none, 8 CLOSE-WAIT, 11
 * CLOSING). The columns are those of enum what.
 */
/* clang-format off */
static const char *const expected[NR_WHERE] = {
	"-     -     -     -     R     R     R     R     R     R     R     R     R     R     R     R     R     R     R", /* CLOSED */
	"-     -     -     -     S=3   S=3   S=3   R     -     R     R     R     -     R     R     R     R     R     R", /* LISTEN */
	"-     -     -     -=7   S=3   S=3   S=3   A=1   S=3   -     R     R     -     -     -     -     -     -     -", /* SYN-SENT */
	"-=7   A     -     -=7   R=7   S     A     R=7   R=7   -=1   R     R     -     A=1   A=1   A     A=8   A=1   A", /* SYN-RECV */
	"-=7   A     -     -=7   A     A     A     A     A     -=1   R     R     -     A=1   A=1   A     A=8   A=1   A", /* SYN-BOTH */
	"-=7   A     -     -=7   A     A     A     A     A     -     A     A     -     A     A     A     A=8   A     A", /* ESTAB */
	"-=7   A     -     -=7   A     A     A     A     A     -     A     A     -     A     A     A     A=11  A     A", /* FIN-WAIT1 */
	"-=7   A     -     -=7   A     A     A     A     A     -     A     A     -     R=7   A     A     A=11  A     A", /* FIN-WAIT1 C */
	"-=7   A     -     -=7   A     A     A     A     A     -     A     A     -     A     A     A     A=6   A     A", /* FIN-WAIT2 */
	"-=7   A     -     -=7   A     A     A     A     A     -     A     -     -     R=7   A     A     A=6   A     A", /* FIN-WAIT2 C */
	"-=7   A     -     -=7   A     A     A     A     A     -     A     A     -     -     A     A     -     A     A", /* CLOSE-WAIT */
	"-=7   A     -     -=7   A     A     A     A     A     -     A     A     -     -     A     A     -     A     A", /* CLOSING */
	"-=7   A     -     -=7   A     A     A     A     A     -     A     A     -     -     A     A     -     A     A", /* LAST-ACK */
	"-=7   -     -     -=7   A     A     S=3   A     A     -     -     -     A     A     A     A     A     A     A", /* TIME-WAIT */
};
/* clang-format on */

static u32 iss, snd, rcv; /* ours: the first, the next that it acknowledges; theirs: the next */
static u16 our_port;
static char answers[8];
static struct {
	u32 seq, ack, len; /* len: SYN and FIN counted */
	u8 flags;
} in, out; /* the last segment that came, and the last answer */
static bool waiting; /* for a delayed ACK: what is sent again does not count */

/* What we send, instead of a link. */
static int sent(struct net *net __unused, struct packet *p, const struct ip_send *s __unused)
{
	u8 flags = p->data[13];
	size_t n = strlen(answers);

	our_port = get_be16(p->data);
	if (flags & TCP_SYN)
		iss = get_be32(p->data + 4);
	if (!waiting || !(flags & (TCP_SYN | TCP_FIN))) {
		out.seq = get_be32(p->data + 4);
		out.ack = get_be32(p->data + 8);
		out.flags = flags;
	}
	if (n < sizeof(answers) - 1 && !(waiting && (flags & (TCP_SYN | TCP_FIN))))
		answers[n] = flags & TCP_RST			? 'R' :
			     flags & TCP_SYN && flags & TCP_ACK ? 'S' :
			     flags & TCP_SYN			? 's' :
			     flags & TCP_FIN			? 'F' :
								  'A';
	packet_free(p);
	return 0;
}

static void arrives(u8 flags, u32 seq, u32 ack, u32 len)
{
	struct in6_addr src = world_addr(1), dst = world_addr(0);
	u8 seg[20 + 16] = { 0 };

	in.seq = seq;
	in.ack = flags & TCP_ACK ? ack : 0;
	in.flags = flags;
	in.len = len + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
	put_be16(seg, THEIR_PORT);
	put_be16(seg + 2, our_port);
	put_be32(seg + 4, seq);
	put_be32(seg + 8, flags & TCP_ACK ? ack : 0);
	seg[12] = 5 << 4;
	seg[13] = flags;
	put_be16(seg + 14, 1000);
	world_in(world_net(0), &src, &dst, seg, 20 + len, 0, CSUM_VERIFIED, 0);
	world_settle();
}

/* --- into a state --- */

static struct socket *listener, *sk;

static void open_passive(bool whole)
{
	arrives(TCP_SYN, THEIR_ISN, 0, 0);
	snd = iss + 1;
	rcv = THEIR_ISN + 1;
	if (!whole)
		return;
	arrives(TCP_ACK, rcv, snd, 0);
	sk = listener->ops->accept(listener, 0);
	if (IS_ERR(sk))
		panic("no connection");
}

static void open_active(bool both)
{
	sk = world_socket(0);
	if (world_connect(sk, 1, THEIR_PORT) != -EINPROGRESS)
		panic("connect");
	snd = iss + 1;
	rcv = THEIR_ISN;
	if (both) {
		arrives(TCP_SYN, THEIR_ISN, 0, 0);
		rcv++;
	}
}

static void gone(void)
{
	world_close(sk);
	sk = NULL;
}

static void go(enum where w)
{
	our_port = OUR_PORT;
	sk = NULL;
	listener = NULL;
	iss = 0;
	rcv = THEIR_ISN + 1;
	snd = 77;
	if (w == CLOSED)
		return;
	listener = world_socket(0);
	if (world_bind(listener, 0, OUR_PORT) || listener->ops->listen(listener, 5))
		panic("listen");
	switch (w) {
	case LISTEN:
		return;
	case SYN_SENT:
	case SYN_BOTH:
		open_active(w == SYN_BOTH);
		return;
	case SYN_RECV:
		open_passive(false);
		return;
	default:
		open_passive(true);
		break;
	}
	if (w == CLOSE_WAIT || w == LAST_ACK)
		arrives(TCP_FIN | TCP_ACK, rcv++, snd, 0);
	if (w == FIN_WAIT1_C || w == FIN_WAIT2_C)
		gone();
	else if (w != ESTAB && w != CLOSE_WAIT)
		sk->ops->shutdown(sk, SHUT_SEND);
	world_settle();
	if (w == FIN_WAIT2 || w == FIN_WAIT2_C || w == TIMEWAIT)
		arrives(TCP_ACK, rcv, ++snd, 0);
	if (w == CLOSING || w == TIMEWAIT)
		arrives(TCP_FIN | TCP_ACK, rcv++, snd, 0);
}

static bool look(const struct tcp_row *r, void *arg)
{
	if (r->remote_port != THEIR_PORT)
		return true;
	*(u8 *)arg = r->state;
	return false;
}

static u8 state(void)
{
	u8 s = TCP_CLOSE;

	tcp_for_each(world_net(0), look, &s);
	return s;
}

/* --- a segment --- */

static void act(enum what k)
{
	switch (k) {
	case RST_EXACT:
		arrives(TCP_RST, rcv, 0, 0);
		break;
	case RST_IN:
		arrives(TCP_RST, rcv + 100, 0, 0);
		break;
	case RST_OUT:
		arrives(TCP_RST, rcv + FAR, 0, 0);
		break;
	case RST_ACK:
		arrives(TCP_RST | TCP_ACK, rcv, snd, 0);
		break;
	case SYN_NEXT:
		arrives(TCP_SYN, rcv, 0, 0);
		break;
	case SYN_OLD:
		arrives(TCP_SYN, THEIR_ISN, 0, 0);
		break;
	case SYN_OUT:
		arrives(TCP_SYN, rcv + FAR, 0, 0);
		break;
	case SYN_ACK_:
		arrives(TCP_SYN | TCP_ACK, rcv, snd, 0);
		break;
	case SYN_FIN:
		arrives(TCP_SYN | TCP_FIN, rcv, 0, 0);
		break;
	case ACK_OK:
		arrives(TCP_ACK, rcv, snd, 0);
		break;
	case ACK_NEW:
		arrives(TCP_ACK, rcv, snd + 5000, 0);
		break;
	case ACK_OLD:
		arrives(TCP_ACK, rcv, snd - FAR, 0);
		break;
	case NO_ACK:
		arrives(0, rcv, 0, 10);
		break;
	case DATA:
		arrives(TCP_ACK, rcv, snd, 10);
		break;
	case DATA_OLD:
		arrives(TCP_ACK, rcv - 10, snd, 10);
		break;
	case DATA_OUT:
		arrives(TCP_ACK, rcv + FAR, snd, 10);
		break;
	case FIN:
		arrives(TCP_FIN | TCP_ACK, rcv, snd, 0);
		break;
	case FIN_AGAIN:
		arrives(TCP_FIN | TCP_ACK, rcv - 1, snd, 0);
		break;
	default:
		arrives(TCP_FIN | TCP_ACK, rcv + FAR, snd, 0);
		break;
	}
}

/* Of an answer: RFC 9293 3.10.7.1 for a RST, else what was sent and is expected next. */
static bool numbers_right(enum where w, enum what k)
{
	bool fin_sent = (w >= FIN_WAIT1 && w != CLOSE_WAIT);
	u32 taken = k == DATA && w != CLOSE_WAIT && w < CLOSING ? 10 : k == FIN;

	if (answers[0] == 'R') {
		if (in.flags & TCP_ACK)
			return out.seq == in.ack && !(out.flags & TCP_ACK);
		return !out.seq && (out.flags & TCP_ACK) && out.ack == in.seq + in.len;
	}
	if (answers[0] != 'A' || w <= SYN_SENT)
		return true;
	if (out.seq != iss + 1 + fin_sent)
		return false;
	return out.ack == rcv || out.ack == rcv + taken;
}

static const char *cell(const char *row, unsigned column)
{
	while (column--) {
		row += strcspn(row, " ");
		row += strspn(row, " ");
	}
	return row;
}

static void start(bool v6)
{
	world_start(7, 2, v6);
	world_out = sent;
	tcp_sysctl.timestamps = 0;
	tcp_sysctl.fastopen = 0;
	answers[0] = 0;
}

static void finish(void)
{
	if (sk)
		world_close(sk);
	if (listener)
		world_close(listener);
	while (world_step(world_now + 24 * 3600 * NSEC_PER_SEC))
		;
	world_end();
}

int main(int argc, char **argv)
{
	bool verbose = argc > 1 && !strcmp(argv[1], "-v");
	int failed = 0;

	for (int v6 = 0; v6 < 2; v6++) {
		for (unsigned w = 0; w < NR_WHERE; w++) {
			if (verbose)
				printf("\t{ /* %s */\n", where_names[w]);
			for (unsigned k = 0; k < NR_WHAT; k++) {
				const char *want = cell(expected[w], k);
				size_t want_len = strcspn(want, " ");
				u8 before, after;
				char got[16];

				start(v6);
				go((enum where)w);
				world_now +=
					600 * NSEC_PER_MSEC; /* limits on answers are forgotten */
				before = state();
				memset(answers, 0, sizeof(answers));
				act((enum what)k);
				if (!answers[0] && state() != TCP_CLOSE) {
					/* An ACK that may wait a little. */
					u64 until = world_now + 200 * NSEC_PER_MSEC;

					waiting = true;
					while (world_step(until))
						;
					waiting = false;
				}
				after = state();
				snprintf(got, sizeof(got), "%s", answers[0] ? answers : "-");
				if (after != before)
					snprintf(got + strlen(got), sizeof(got) - strlen(got),
						 "=%u", after);
				if (verbose)
					printf("\t\t\"%s\", /* %s */\n", got, what_names[k]);
				else if (strlen(got) != want_len || memcmp(got, want, want_len) ||
					 !numbers_right((enum where)w, (enum what)k)) {
					printf("FAIL tcp_states: IPv%d, %s in %s: %s, not %.*s (seq %u ack %u)\n",
					       v6 ? 6 : 4, what_names[k], where_names[w], got,
					       (int)want_len, want, out.seq, out.ack);
					failed = 1;
				}
				finish();
				if (world_allocations) {
					printf("FAIL tcp_states: %s in %s: %ld things are left\n",
					       what_names[k], where_names[w], world_allocations);
					failed = 1;
				}
			}
			if (verbose)
				printf("\t},\n");
		}
		if (verbose)
			break;
	}
	if (!failed)
		printf("ok tcp_states: %d segments\n", 2 * NR_WHERE * NR_WHAT);
	return failed;
}
