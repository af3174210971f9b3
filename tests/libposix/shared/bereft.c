/* A program of starting.c's: an object that it needs is not there. */
int gone(void);

int main(void)
{
	return gone();
}
