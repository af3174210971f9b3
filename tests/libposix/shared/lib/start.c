/* A thread-local variable that is there from the start. */
__thread int start_value = 9;

static __thread const char *start_text = "start";

const char *start_words(void)
{
	return start_text;
}

int *start_address(void)
{
	return &start_value;
}
