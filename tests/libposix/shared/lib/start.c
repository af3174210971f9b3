/* A thread-local variable that is there from the start. */
__thread int start_value = 9;

int *start_address(void)
{
	return &start_value;
}
