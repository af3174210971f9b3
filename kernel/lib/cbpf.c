/* See cbpf.h. */
#include "lib/cbpf.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "lib/string.h"

/* What only packets have: seccomp(2) has no loads but of words at fixed places, and no remainder. */
static bool packet_code(u16 code)
{
	switch (code) {
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_ALU | BPF_MOD | BPF_K:
	case BPF_ALU | BPF_MOD | BPF_X:
		return true;
	default:
		return false;
	}
}

static bool code_allowed(u16 code)
{
	switch (code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_ALU | BPF_NEG:
	case BPF_JMP | BPF_JA:
		return true;
	}
	switch (code & ~BPF_X) {
	case BPF_ALU | BPF_ADD:
	case BPF_ALU | BPF_SUB:
	case BPF_ALU | BPF_MUL:
	case BPF_ALU | BPF_DIV:
	case BPF_ALU | BPF_AND:
	case BPF_ALU | BPF_OR:
	case BPF_ALU | BPF_XOR:
	case BPF_ALU | BPF_LSH:
	case BPF_ALU | BPF_RSH:
	case BPF_JMP | BPF_JEQ:
	case BPF_JMP | BPF_JGE:
	case BPF_JMP | BPF_JGT:
	case BPF_JMP | BPF_JSET:
		return true;
	}
	return false;
}

/* `left` instructions follow. size 0: of packets, whose end is not known. */
static bool operand_ok(const struct sock_filter *i, unsigned left, size_t size)
{
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return !size || (i->k < size && i->k % 4 == 0);
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return i->k < BPF_MEMWORDS;
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_MOD | BPF_K:
		return i->k != 0;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return i->k < 32;
	case BPF_JMP | BPF_JA:
		return i->k < left;
	default:
		return BPF_CLASS(i->code) != BPF_JMP || (i->jt < left && i->jf < left);
	}
}

/* Every path to a load of a scratch word stores it before. Jumps go forwards: one pass does. */
static int check_scratch(const struct sock_filter *f, unsigned n, u16 *known)
{
	u16 valid = 0;

	memset(known, 0xff, n * sizeof(*known));
	for (unsigned pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &f[pc];

		valid &= known[pc];
		switch (i->code) {
		case BPF_ST:
		case BPF_STX:
			valid |= (u16)(1U << i->k);
			break;
		case BPF_LD | BPF_MEM:
		case BPF_LDX | BPF_MEM:
			if (!(valid >> i->k & 1))
				return -EINVAL;
			break;
		case BPF_JMP | BPF_JA:
			known[pc + 1 + i->k] &= valid;
			valid = 0xffff;
			break;
		default:
			if (BPF_CLASS(i->code) == BPF_JMP) {
				known[pc + 1 + i->jt] &= valid;
				known[pc + 1 + i->jf] &= valid;
				valid = 0xffff;
			}
		}
	}
	return 0;
}

int cbpf_check(const struct sock_filter *f, unsigned n, size_t size, u16 *scratch)
{
	if (n == 0 || n > BPF_MAXINSNS)
		return -EINVAL;
	for (unsigned pc = 0; pc < n; pc++)
		if ((!code_allowed(f[pc].code) && (size || !packet_code(f[pc].code))) ||
		    !operand_ok(&f[pc], n - pc - 1, size))
			return -EINVAL;
	return BPF_CLASS(f[n - 1].code) == BPF_RET ? check_scratch(f, n, scratch) : -EINVAL;
}

int cbpf_check_packet(const struct sock_filter *f, unsigned n, u16 *scratch)
{
	return cbpf_check(f, n, 0, scratch);
}

static u32 alu(unsigned op, u32 a, u32 v)
{
	switch (op) {
	case BPF_ADD:
		return a + v;
	case BPF_SUB:
		return a - v;
	case BPF_MUL:
		return a * v;
	case BPF_DIV:
		return a / v;
	case BPF_MOD:
		return a % v;
	case BPF_OR:
		return a | v;
	case BPF_AND:
		return a & v;
	case BPF_XOR:
		return a ^ v;
	case BPF_LSH:
		return a << (v & 31);
	case BPF_RSH:
		return a >> (v & 31);
	default:
		return -a; /* BPF_NEG */
	}
}

static bool jumps(unsigned op, u32 a, u32 v)
{
	switch (op) {
	case BPF_JEQ:
		return a == v;
	case BPF_JGT:
		return a > v;
	case BPF_JGE:
		return a >= v;
	default:
		return a & v; /* BPF_JSET */
	}
}

/* A load from a packet, to where the instruction says. */
static bool load_packet(const struct sock_filter *i, const struct cbpf_source *src, u32 x, u32 *to)
{
	unsigned n = BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2 : 1;
	u32 off = i->k + (BPF_MODE(i->code) == BPF_IND ? x : 0);

	if (!src->load(src->arg, off, n, to))
		return false;
	if (BPF_MODE(i->code) == BPF_MSH) /* the length of an IPv4 header */
		*to = (*to & 15) * 4;
	return true;
}

/* The one interpreter: over data, or, if that is not NULL, over src. */
static u32 run(const struct sock_filter *f, const void *data, size_t size,
	       const struct cbpf_source *src)
{
	u32 a = 0, x = 0, mem[BPF_MEMWORDS];

	for (const struct sock_filter *i = f;; i++) {
		u32 v = BPF_SRC(i->code) ? x : i->k, *to = BPF_CLASS(i->code) == BPF_LD ? &a : &x;

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
		case BPF_LDX:
			if (BPF_MODE(i->code) == BPF_MEM)
				*to = mem[i->k];
			else if (BPF_MODE(i->code) == BPF_LEN)
				*to = (u32)size;
			else if (BPF_MODE(i->code) == BPF_IMM)
				*to = i->k;
			else if (!src)
				memcpy(to, (const u8 *)data + i->k, sizeof(*to));
			else if (!load_packet(i, src, x, to))
				return 0;
			break;
		case BPF_ST:
			mem[i->k] = a;
			break;
		case BPF_STX:
			mem[i->k] = x;
			break;
		case BPF_ALU:
			if ((BPF_OP(i->code) == BPF_DIV || BPF_OP(i->code) == BPF_MOD) && !v)
				return 0;
			a = alu(BPF_OP(i->code), a, v);
			break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_JA)
				i += i->k;
			else
				i += jumps(BPF_OP(i->code), a, v) ? i->jt : i->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? a : i->k;
		default:
			if (BPF_MISCOP(i->code) == BPF_TAX)
				x = a;
			else
				a = x;
		}
	}
}

u32 cbpf_run(const struct sock_filter *f, const void *data, size_t size)
{
	return run(f, data, size, NULL);
}

u32 cbpf_run_packet(const struct sock_filter *f, const struct cbpf_source *src)
{
	return run(f, NULL, src->len, src);
}
