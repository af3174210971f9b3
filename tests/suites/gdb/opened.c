/* The object that shared.c opens. It needs the other one, too. */
extern int near_count;
int near_sum(int a, int b);

int opened_square(int n)
{
	int r = near_sum(n * n, 0);

	near_count = r;
	return r;
}
