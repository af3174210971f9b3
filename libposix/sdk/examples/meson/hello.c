/*
 * hello.c - says where it runs.
 */
#include <stdio.h>
#include <sys/utsname.h>

int main(int argc, char **argv)
{
	struct utsname u;

	if (uname(&u) < 0) {
		perror("uname");
		return 1;
	}
	printf("hello from %s on %s\n", argc > 1 ? argv[1] : "a program", u.machine);
	return 0;
}
