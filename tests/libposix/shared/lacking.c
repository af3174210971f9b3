/* A program of starting.c's: a function that it calls without arguments is nowhere. */
int broken(int);

int main(int argc, char **argv)
{
	(void)argv;
	return broken(argc == 1);
}
