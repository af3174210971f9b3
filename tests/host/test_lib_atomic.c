/*
 * test_lib_atomic.c - atomics, reference counts, bit operations, byte order, typed macros.
 */
#include "tests/host/t.h"

#include <atomic.h>
#include <bitops.h>
#include <byteorder.h>
#include <err.h>

static void atomics(void)
{
	atomic_t a = ATOMIC_INIT(5);
	atomic64_t b = { 1L << 40 };
	int old = 3;

	atomic_inc(&a);
	CHECK_EQ(atomic_read(&a), 6);
	CHECK_EQ(atomic_add_return(&a, 10), 16);
	CHECK_EQ(atomic_fetch_add(&a, 1), 16);
	CHECK_EQ(atomic_sub_return(&a, 7), 10);
	CHECK(!atomic_dec_and_test(&a));
	CHECK(atomic_sub_and_test(&a, 9));
	CHECK(!atomic_inc_not_zero(&a));
	atomic_set(&a, 1);
	CHECK(atomic_inc_not_zero(&a));
	CHECK(!atomic_add_unless(&a, 1, 2));
	CHECK_EQ(atomic_cmpxchg(&a, 2, 9), 2);
	CHECK_EQ(atomic_cmpxchg(&a, 2, 1), 9);
	CHECK(!atomic_try_cmpxchg(&a, &old, 4));
	CHECK_EQ(old, 9);
	CHECK(atomic_try_cmpxchg(&a, &old, 4));
	CHECK_EQ(atomic_xchg(&a, 8), 4);
	CHECK_EQ(atomic_fetch_or(&a, 3), 8);
	CHECK_EQ(atomic_fetch_and(&a, 9), 11);
	CHECK_EQ(atomic_fetch_xor(&a, 1), 9);
	CHECK_EQ(atomic_read(&a), 8);
	CHECK_EQ(atomic64_inc_return(&b), (1L << 40) + 1);
	CHECK_EQ(atomic64_dec_return(&b), 1L << 40);
}

static void words(void)
{
	for (unsigned int i = 0; i < 64; i++) {
		u64 noise = t_random();

		CHECK_EQ(ctz64(BIT(i) | (noise & ~(BIT(i) | (BIT(i) - 1)))), i);
		CHECK_EQ(clz64(BIT(i) | (noise & (BIT(i) - 1))), 63 - i);
		CHECK_EQ(ffs64(BIT(i)), i + 1);
		CHECK_EQ(fls64(BIT(i)), i + 1);
		CHECK_EQ(ilog2(BIT(i)), i);
		CHECK_EQ(popcount64(noise), __builtin_popcountl(noise));
		CHECK_EQ(rol64(noise, i), i ? noise << i | noise >> (64 - i) : noise);
	}
	CHECK_EQ(ctz64(0), 64);
	CHECK_EQ(clz64(0), 64);
	CHECK_EQ(ffs64(0), 0);
	CHECK_EQ(fls64(0), 0);
	CHECK_EQ(rol32(0x80000001, 1), 3);
}

static void bits(void)
{
	DECLARE_BITMAP(map, 130) = { 0 };

	set_bit(129, map);
	CHECK_EQ(map[2], 2);
	CHECK(test_bit(129, map));
	clear_bit(129, map);
	CHECK(!test_bit(129, map));
	CHECK(!__test_and_set_bit(0, map));
	CHECK_EQ(map[0], 1);
}

static void byte_order(void)
{
	u8 b[10] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 0xff };

	CHECK_EQ(get_be16(b + 1), 0x0102);
	CHECK_EQ(get_be32(b + 1), 0x01020304);
	CHECK_EQ(get_be64(b + 1), 0x0102030405060708);
	CHECK_EQ(get_le64(b + 1), 0x0807060504030201);
	put_be32(b + 3, 0xa1b2c3d4);
	CHECK_EQ(b[3], 0xa1);
	CHECK_EQ(b[6], 0xd4);
	put_le64(b + 1, 0x8877665544332211);
	CHECK_EQ(b[1], 0x11);
	CHECK_EQ(b[8], 0x88);
	CHECK_EQ(b[0] & b[9], 0xff);
	CHECK_EQ(be16_to_cpu(cpu_to_be16(0x1234)), 0x1234);
	CHECK_EQ(bswap64(0x0102030405060708), 0x0807060504030201);
}

static void macros(void)
{
	int evaluated = 0;
	size_t n = 100;

	CHECK_EQ(min(n, 7), 7);
	CHECK_EQ(max(-3, -4), -3);
	CHECK_EQ(clamp(50, 0, 10), 10);
	CHECK_EQ(min_t(int, -1, 1), -1);
	CHECK_EQ(min(evaluated++, 5), 0);
	CHECK_EQ(evaluated, 1);
	CHECK_EQ(ALIGN_UP(0x1001UL, 0x1000), 0x2000);
	CHECK_EQ(ALIGN_UP(0x1000000000001UL, 0x1000), 0x1000000001000);
	CHECK_EQ(ALIGN_DOWN(0x1fffUL, 0x1000), 0x1000);
	CHECK_EQ(DIV_ROUND_UP(9, 4), 3);
	CHECK(is_power_of_2(64UL) && !is_power_of_2(0UL) && !is_power_of_2(6UL));
	CHECK_EQ(ARRAY_SIZE(((int[7]){ 0 })), 7);
	CHECK(IS_ERR(ERR_PTR(-4095)) && !IS_ERR(ERR_PTR(-4096)) && !IS_ERR(NULL));
	CHECK_EQ(PTR_ERR(ERR_PTR(-12)), -12);
	CHECK_EQ(PTR_ERR_OR_ZERO(&n), 0);
}

int main(void)
{
	RUN(atomics);
	RUN(words);
	RUN(bits);
	RUN(byte_order);
	RUN(macros);
	return t_done();
}
