/* Calls what nobody has. */
int nobody_has_this(int);

int broken(int n)
{
	return n ? nobody_has_this(n) : 6;
}
