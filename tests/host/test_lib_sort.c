/*
 * test_lib_sort.c - heap sort.
 */
#include "tests/host/t.h"
#include "lib/sort.h"

struct rec {
	u32 key;
	u8 body[9];
} __packed;

static int cmp_rec(const void *a, const void *b, void *arg)
{
	u32 x = ((const struct rec *)a)->key, y = ((const struct rec *)b)->key;

	*(u64 *)arg += 1;
	return x < y ? -1 : x > y;
}

static void random_arrays(void)
{
	static struct rec recs[1000];

	for (int round = 0; round < 300; round++) {
		size_t n = t_below(round < 20 ? 5 : 1000);
		u32 range = round % 3 ? 10 : 1000000;
		u64 before = 0, after = 0, compares = 0;

		for (size_t i = 0; i < n; i++) {
			recs[i].key = (u32)t_below(range);
			for (int k = 0; k < 9; k++)
				recs[i].body[k] = (u8)(recs[i].key + (u32)k);
			before += recs[i].key;
		}
		sort(recs, n, sizeof(recs[0]), cmp_rec, &compares);
		CHECK(compares <= 2 * n * 11);
		for (size_t i = 0; i < n; i++) {
			after += recs[i].key;
			CHECK(i == 0 || recs[i - 1].key <= recs[i].key);
			CHECK_EQ(recs[i].body[8], (u8)(recs[i].key + 8));
		}
		CHECK_EQ(before, after);
	}
}

int main(void)
{
	RUN(random_arrays);
	return t_done();
}
