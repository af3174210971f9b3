/* -ftls-model=initial-exec: its variables need a place in every thread's first block. */
__thread int fixed = 21;
__thread long more[4];

static __thread const char *text = "fixed";

const char *fixed_text(void)
{
	return text;
}

int fixed_step(void)
{
	more[3]++;
	return ++fixed + (int)more[3];
}
