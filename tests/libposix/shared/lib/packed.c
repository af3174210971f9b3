/* Addresses of its own, 200 of them: relocations that shared_objects.py packs (DT_RELR). */
static int cells[200];
static int *const pointers[] = {
#define FOUR(i) &cells[i], &cells[i + 1], &cells[i + 2], &cells[i + 3]
#define FORTY(i)                                                                                   \
	FOUR(i), FOUR(i + 4), FOUR(i + 8), FOUR(i + 12), FOUR(i + 16), FOUR(i + 20), FOUR(i + 24), \
		FOUR(i + 28), FOUR(i + 32), FOUR(i + 36)
	FORTY(0), FORTY(40), FORTY(80), FORTY(120), FORTY(160),
};
int *apart = &cells[7];

int packed_bad(void)
{
	int *volatile const *p = pointers;
	int bad = apart != &cells[7];

	for (int i = 0; i < 200; i++)
		bad += p[i] != &cells[i];
	return bad;
}
