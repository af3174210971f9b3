/* The object that shared.c is linked with. */
int near_count = 5;

int near_sum(int a, int b)
{
	int sum = a + b;

	near_count += sum;
	return sum;
}
