/*
 * test_cbpf.c - classic BPF for seccomp: what the check refuses, what a program computes, and that
 * whatever passes the check stays within its bounds (the sanitizers watch).
 */
#include "tests/host/t.h"
#include "lib/cbpf.h"

#include <uapi/errno.h>

#define OP(c, k_)                      \
	{                              \
		.code = (c), .k = (k_) \
	}
#define JMP(c, k_, jt_, jf_)                                     \
	{                                                        \
		.code = (c), .jt = (jt_), .jf = (jf_), .k = (k_) \
	}
#define LOAD(k_)    OP(BPF_LD | BPF_W | BPF_ABS, k_)
#define IMM(k_)	    OP(BPF_LD | BPF_IMM, k_)
#define XIMM(k_)    OP(BPF_LDX | BPF_IMM, k_)
#define ALU(op, k_) OP(BPF_ALU | (op), k_)
#define RETA	    OP(BPF_RET | BPF_A, 0)
#define RETK(k_)    OP(BPF_RET | BPF_K, k_)
#define DATA	    64

static const u32 data[DATA / 4] = { 1, 0x80000000, 3,  4,  5,  6,  7,  8,
				    9, 10,	   11, 12, 13, 14, 15, 0xfffffffe };

static int check(const struct sock_filter *f, unsigned n)
{
	static u16 scratch[BPF_MAXINSNS + 1];

	return cbpf_check(f, n, DATA, scratch);
}

#define CHECKS(want, ...)                                               \
	do {                                                            \
		static const struct sock_filter f_[] = { __VA_ARGS__ }; \
		CHECK_EQ(check(f_, ARRAY_SIZE(f_)), want);              \
	} while (0)

#define RUNS(want, ...)                                                 \
	do {                                                            \
		static const struct sock_filter f_[] = { __VA_ARGS__ }; \
		CHECK_EQ(check(f_, ARRAY_SIZE(f_)), 0);                 \
		CHECK_EQ(cbpf_run(f_, data, DATA), (u32)(want));        \
	} while (0)

static void refused(void)
{
	static struct sock_filter many[BPF_MAXINSNS + 1];

	CHECK_EQ(check(many, 0), -EINVAL);
	for (unsigned i = 0; i <= BPF_MAXINSNS; i++)
		many[i] = (struct sock_filter)RETK(0);
	CHECK_EQ(check(many, BPF_MAXINSNS), 0);
	CHECK_EQ(check(many, BPF_MAXINSNS + 1), -EINVAL);
	CHECKS(-EINVAL, IMM(0)); /* no return */
	CHECKS(-EINVAL, OP(BPF_RET | BPF_X, 0));
	CHECKS(-EINVAL, LOAD(DATA), RETA);
	CHECKS(-EINVAL, LOAD(2), RETA);
	CHECKS(-EINVAL, LOAD(0xfffff000), RETA); /* an extension */
	CHECKS(-EINVAL, OP(BPF_LD | BPF_H | BPF_ABS, 0), RETA);
	CHECKS(-EINVAL, OP(BPF_LD | BPF_B | BPF_ABS, 0), RETA);
	CHECKS(-EINVAL, OP(BPF_LD | BPF_W | BPF_IND, 0), RETA);
	CHECKS(-EINVAL, OP(BPF_LDX | BPF_B | BPF_MSH, 0), RETA);
	CHECKS(-EINVAL, OP(BPF_ST, BPF_MEMWORDS), RETA);
	CHECKS(-EINVAL, OP(BPF_LD | BPF_MEM, 0), RETA);
	CHECKS(-EINVAL, OP(BPF_LDX | BPF_MEM, 3), RETA);
	CHECKS(-EINVAL, JMP(BPF_JMP | BPF_JEQ, 0, 1, 0), OP(BPF_ST, 1), OP(BPF_LD | BPF_MEM, 1),
	       RETA);
	CHECKS(-EINVAL, ALU(BPF_DIV, 0), RETA);
	CHECKS(-EINVAL, ALU(BPF_MOD, 2), RETA);
	CHECKS(-EINVAL, ALU(BPF_LSH, 32), RETA);
	CHECKS(-EINVAL, ALU(BPF_RSH, 0xffffffff), RETA);
	CHECKS(-EINVAL, ALU(BPF_NEG | BPF_X, 0), RETA);
	CHECKS(-EINVAL, OP(BPF_JMP | BPF_JA, 1), RETA);
	CHECKS(-EINVAL, OP(BPF_JMP | BPF_JA, 0xffffffff), RETA);
	CHECKS(-EINVAL, JMP(BPF_JMP | BPF_JEQ, 0, 1, 0), RETA);
	CHECKS(-EINVAL, JMP(BPF_JMP | BPF_JEQ, 0, 0, 1), RETA);
	CHECKS(-EINVAL, RETA, OP(BPF_JMP | BPF_JA, 0));
	CHECKS(-EINVAL, OP(0xffff, 0), RETA);
	CHECKS(0, OP(BPF_ST, 15), OP(BPF_LDX | BPF_MEM, 15), RETA);
}

static void computes(void)
{
	RUNS(1, LOAD(0), RETA);
	RUNS(0xfffffffe, LOAD(60), RETA);
	RUNS(7, RETK(7));
	RUNS(DATA, OP(BPF_LD | BPF_W | BPF_LEN, 0), RETA);
	RUNS(DATA, OP(BPF_LDX | BPF_W | BPF_LEN, 0), OP(BPF_MISC | BPF_TXA, 0), RETA);
	RUNS(5, IMM(2), ALU(BPF_ADD, 3), RETA);
	RUNS(-1, IMM(2), ALU(BPF_SUB, 3), RETA);
	RUNS(0xfffe0001, IMM(0xffff), ALU(BPF_MUL, 0xffff), RETA);
	RUNS(3, IMM(10), ALU(BPF_DIV, 3), RETA);
	RUNS(0, IMM(10), XIMM(0), ALU(BPF_DIV | BPF_X, 0), RETK(9));
	RUNS(5, IMM(10), XIMM(2), ALU(BPF_DIV | BPF_X, 0), RETA);
	RUNS(0xf1, IMM(0xf0), ALU(BPF_OR, 1), RETA);
	RUNS(0x10, IMM(0xf0), ALU(BPF_AND, 0x1f), RETA);
	RUNS(0xef, IMM(0xf0), ALU(BPF_XOR, 0x1f), RETA);
	RUNS(0x80000000, IMM(1), ALU(BPF_LSH, 31), RETA);
	RUNS(1, IMM(0x80000000), ALU(BPF_RSH, 31), RETA);
	RUNS(2, IMM(1), XIMM(33), ALU(BPF_LSH | BPF_X, 0), RETA);
	RUNS(-5, IMM(5), ALU(BPF_NEG, 0), RETA);
	RUNS(8, IMM(3), OP(BPF_ST, 2), XIMM(5), OP(BPF_LD | BPF_MEM, 2), ALU(BPF_ADD | BPF_X, 0),
	     RETA);
	RUNS(9, XIMM(9), OP(BPF_STX, 0), OP(BPF_LD | BPF_MEM, 0), RETA);
	RUNS(4, IMM(4), OP(BPF_MISC | BPF_TAX, 0), IMM(0), OP(BPF_MISC | BPF_TXA, 0), RETA);
	RUNS(2, OP(BPF_JMP | BPF_JA, 1), RETK(1), RETK(2));
	RUNS(1, LOAD(4), JMP(BPF_JMP | BPF_JGT, 0x7fffffff, 0, 1), RETK(1), RETK(2));
	RUNS(1, LOAD(4), JMP(BPF_JMP | BPF_JGE, 0x80000000, 0, 1), RETK(1), RETK(2));
	RUNS(2, LOAD(4), JMP(BPF_JMP | BPF_JSET, 0x7fffffff, 0, 1), RETK(1), RETK(2));
	RUNS(1, LOAD(8), XIMM(3), JMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1), RETK(1), RETK(2));
}

/* Random programs: one that passes ends, and touches nothing that is not its own. */
static void random_programs(void)
{
	static const u16 codes[] = {
		BPF_LD | BPF_ABS,
		BPF_LD | BPF_IMM,
		BPF_LDX | BPF_IMM,
		BPF_LD | BPF_MEM,
		BPF_LDX | BPF_MEM,
		BPF_ST,
		BPF_STX,
		BPF_ALU | BPF_DIV | BPF_X,
		BPF_ALU | BPF_DIV,
		BPF_ALU | BPF_LSH | BPF_X,
		BPF_ALU | BPF_MUL,
		BPF_JMP | BPF_JA,
		BPF_JMP | BPF_JEQ,
		BPF_JMP | BPF_JSET | BPF_X,
		BPF_MISC | BPF_TAX,
		BPF_MISC | BPF_TXA,
		BPF_RET | BPF_A,
		BPF_RET,
	};
	unsigned passed = 0;

	for (unsigned round = 0; round < 300000; round++) {
		struct sock_filter f[12];
		unsigned n;

		n = 1 + t_below(ARRAY_SIZE(f));
		for (unsigned i = 0; i < n; i++)
			f[i] = (struct sock_filter){ t_below(50) ?
							     codes[t_below(ARRAY_SIZE(codes))] :
							     (u16)t_below(65536),
						     (u8)t_below(4), (u8)t_below(4),
						     t_below(5) ? t_below(17) * 4 : t_below(20) };
		if (check(f, n))
			continue;
		passed++;
		cbpf_run(f, data, DATA);
	}
	CHECK(passed > 1000);
}

int main(void)
{
	RUN(refused);
	RUN(computes);
	RUN(random_programs);
	return t_done();
}
