/* Who starts and stops before whom; variables of the library in the program; functions have one address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;
extern int base_count;
extern const char *base_name;
int base_choice(void);
void *base_choice_address(void);
int top_next(void);
int top_missing(void);
double args(int, long, char, short, int, int, int, int, double, float, double, double, double,
	    float, double, double, int, double);
struct pair {
	double x;
	long y;
};
struct pair pair(struct pair);
extern int (*pick_pointer)(void);
int pick(void);
int pick_inside(void);

int shared_choice(void)
{
	return 2;
}

static void early(int argc)
{
	printf("program, before all: %d\n", argc);
}
__attribute__((section(".preinit_array"), used)) static void (*early_p)(int) = early;

__attribute__((constructor)) static void start(void)
{
	printf("program starts: %d\n", base_count);
}

__attribute__((destructor)) static void stop(void)
{
	printf("program stops: %d\n", base_count);
}

static void at_exit(void)
{
	printf("at exit: %d\n", base_count);
}

static int local_pick(void);
static void *choose_local(void)
{
	return (void *)local_pick;
}
static int local_pick(void)
{
	return 33;
}
int picked(void) __attribute__((ifunc("choose_local")));

int main(void)
{
	struct pair p;

	setvbuf(stdout, NULL, _IONBF, 0);
	atexit(at_exit);
	printf("%d %d %s\n", top_next(), base_count, base_name);
	base_count = 1000;
	base_name = "mine";
	printf("%d %d\n", top_next(), top_missing());
	printf("%d %d\n", base_choice(), base_choice_address() == (void *)shared_choice);
	for (int i = 0; i < 2; i++)
		printf("%g\n", args(1, 2, 3, 4, 5, 6, 7, 8, 9.5, 10.5f, 11.5, 12.5, 13.5, 14.5f,
				    15.5, 16.5, 17, 18.5));
	p = pair((struct pair){ 1.5, 7 });
	printf("%g %ld\n", p.x, p.y);
	printf("%d %d %d %d\n", pick(), pick_inside(), pick_pointer(), pick_pointer == pick);
	printf("%d\n", picked());
	setenv("ADDED", "yes", 1);
	for (char **e = environ; *e; e++)
		if (!strncmp(*e, "ADDED=", 6))
			puts(*e);
	return 0;
}
