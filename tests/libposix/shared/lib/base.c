/* What the others need: its constructor runs first, its destructor last. */
#include <stdio.h>
#include <stdlib.h>

int base_count = 40;
const char *base_name = "base";

__attribute__((constructor)) static void start(int argc, char **argv, char **envp)
{
	printf("base starts: %d %d %d\n", argc, argv[argc] == NULL, envp != NULL);
	base_count++;
}

__attribute__((destructor)) static void stop(void)
{
	printf("base stops: %d\n", base_count);
}

int base_next(void)
{
	return ++base_count;
}

/* The program has its own, which is the one. */
int shared_choice(void)
{
	return 1;
}

int base_choice(void)
{
	return shared_choice();
}

void *base_choice_address(void)
{
	return (void *)shared_choice;
}
