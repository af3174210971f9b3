/* Many arguments, to be bound at the first call. */
double args(int a, long b, char c, short d, int e, int f, int g, int h, double i, float j, double k,
	    double l, double m, float n, double o, double p, int q, double r)
{
	return a + 2.0 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j +
	       11 * k + 12 * l + 13 * m + 14 * n + 15 * o + 16 * p + 17 * q + 18 * r;
}

struct pair {
	double x;
	long y;
};

struct pair pair(struct pair p)
{
	return (struct pair){ p.x * 2, p.y * 3 };
}
