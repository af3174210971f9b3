/*
 * test_lib_bitmap.c - bitmaps against an array of bool.
 */
#include "tests/host/t.h"
#include "lib/bitmap.h"

#define SIZE_MAX_ 300

static bool model[SIZE_MAX_ + 64];
static DECLARE_BITMAP(map, SIZE_MAX_ + 64);

/* Bits beyond the size are noise on purpose. */
static void fill(unsigned long bits, u64 density)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits) * 64; i++) {
		model[i] = t_below(100) < density;
		if (model[i])
			__set_bit(i, map);
		else
			__clear_bit(i, map);
	}
}

static unsigned long model_next(unsigned long bits, unsigned long from, bool want)
{
	for (unsigned long i = from; i < bits; i++)
		if (model[i] == want)
			return i;
	return bits;
}

static void searches(void)
{
	for (int round = 0; round < 400; round++) {
		unsigned long bits = 1 + t_below(SIZE_MAX_), last = bits, weight = 0;

		fill(bits, (u64[]){ 0, 3, 50, 97, 100 }[round % 5]);
		for (unsigned long from = 0; from <= bits; from++) {
			CHECK_EQ(bitmap_find_next(map, bits, from), model_next(bits, from, true));
			CHECK_EQ(bitmap_find_next_zero(map, bits, from),
				 model_next(bits, from, false));
		}
		for (unsigned long i = 0; i < bits; i++) {
			weight += model[i];
			if (model[i])
				last = i;
		}
		CHECK_EQ(bitmap_find_last(map, bits), last);
		CHECK_EQ(bitmap_weight(map, bits), weight);
		CHECK_EQ(bitmap_empty(map, bits), weight == 0);
		CHECK_EQ(bitmap_full(map, bits), weight == bits);
	}
}

static unsigned long model_area(unsigned long bits, unsigned long from, unsigned long n,
				unsigned long align)
{
	for (unsigned long i = ALIGN_UP(from, align); i + n <= bits; i += align)
		if (model_next(i + n, i, true) == i + n)
			return i;
	return bits;
}

static void areas(void)
{
	for (int round = 0; round < 2000; round++) {
		unsigned long bits = 1 + t_below(SIZE_MAX_), from = t_below(bits);
		unsigned long n = 1 + t_below(20), align = 1UL << t_below(5);

		fill(bits, t_below(30));
		CHECK_EQ(bitmap_find_zero_area(map, bits, from, n, align),
			 model_area(bits, from, n, align));
	}
}

static void ranges(void)
{
	for (int round = 0; round < 2000; round++) {
		unsigned long start = t_below(SIZE_MAX_), n = t_below(SIZE_MAX_ - start + 1);
		bool set = round & 1;

		if (round % 50 == 0)
			fill(SIZE_MAX_, 50);
		if (set)
			bitmap_set(map, start, n);
		else
			bitmap_clear(map, start, n);
		for (unsigned long i = start; i < start + n; i++)
			model[i] = set;
		for (unsigned long i = 0; i < SIZE_MAX_; i++)
			CHECK_EQ(test_bit(i, map), model[i]);
	}
}

static void algebra(void)
{
	unsigned long a[2] = { 0xf0f0, 0x5 }, b[2] = { 0xff00, 0xd }, c[2];

	bitmap_and(c, a, b, 68);
	CHECK(c[0] == 0xf000 && c[1] == 5);
	bitmap_or(c, a, b, 68);
	CHECK(c[0] == 0xfff0 && c[1] == 0xd);
	bitmap_andnot(c, b, a, 68);
	CHECK(c[0] == 0x0f00 && c[1] == 8);
	CHECK(bitmap_intersects(a, b, 68));
	CHECK(!bitmap_intersects(a, c, 68));
	CHECK(!bitmap_subset(a, b, 68));
	CHECK(bitmap_subset(c, b, 68));
	bitmap_copy(c, a, 128);
	c[1] |= 0xff0;
	CHECK(bitmap_equal(a, c, 68));
	CHECK(!bitmap_equal(a, c, 69));
	bitmap_zero(c, 68);
	CHECK(bitmap_empty(c, 128));
	bitmap_fill(c, 68);
	CHECK(bitmap_full(c, 68) && c[1] == 0xf);
}

int main(void)
{
	RUN(searches);
	RUN(areas);
	RUN(ranges);
	RUN(algebra);
	return t_done();
}
