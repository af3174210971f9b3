/*
 * The smallest dynamic program: what the row exec-glibc runs. Its cost is ld.so's and libc's.
 */
int main(void)
{
	return 0;
}
