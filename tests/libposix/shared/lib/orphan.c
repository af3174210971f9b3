/* Needs an object that is not there: linked with gone.so, which is removed. */
int gone(void);

int orphan(void)
{
	return gone();
}
