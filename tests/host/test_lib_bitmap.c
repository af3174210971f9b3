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
		unsigned long bits = 1 + t_below(SIZE_MAX_);

		fill(bits, (u64[]){ 0, 3, 50, 97, 100 }[round % 5]);
		for (unsigned long from = 0; from <= bits; from++) {
			CHECK_EQ(bitmap_find_next(map, bits, from), model_next(bits, from, true));
			CHECK_EQ(bitmap_find_next_zero(map, bits, from),
				 model_next(bits, from, false));
		}
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

int main(void)
{
	RUN(searches);
	RUN(areas);
	RUN(ranges);
	return t_done();
}
