/* Removed when orphan is linked. */
int gone(void)
{
	return 0;
}
