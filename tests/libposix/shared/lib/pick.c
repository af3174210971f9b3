/* A function that is chosen when it is bound (STT_GNU_IFUNC), called from outside, inside and by pointer. */
static int one(void)
{
	return 1;
}

static int two(void)
{
	return 2;
}

static int which = 2;

static void *choose(unsigned long hwcap)
{
	return hwcap & 1ul << ('d' - 'a') && which == 2 ? (void *)two : (void *)one;
}

int pick(void) __attribute__((ifunc("choose")));
static int pick_here(void) __attribute__((ifunc("choose")));
int (*pick_pointer)(void) = pick;

int pick_inside(void)
{
	return pick() * 10 + pick_here();
}
