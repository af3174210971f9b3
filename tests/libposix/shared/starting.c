/* What the environment asks of the loader; it runs itself again. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[256];

static void run(const char *what, const char *arg, const char *e1, const char *e2)
{
	char *argv[] = { path, (char *)arg, NULL }, *envp[] = { (char *)e1, (char *)e2, NULL };
	int status;

	printf("%s:\n", what);
	fflush(stdout);
	if (!fork()) {
		dup2(open("/dev/null", O_WRONLY), 2);
		execve(path, argv, envp);
		_exit(99);
	}
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
}

static int again(const char *what)
{
	int (*f)(void);
	void *h;

	if (!strcmp(what, "say")) {
		puts("said");
		return 1;
	}
	h = dlopen("elsewhere.so", RTLD_NOW);
	f = h ? (int (*)(void))dlsym(h, "ask_self") : NULL;
	printf("elsewhere: %c\n", f ? f() : '-');
	return 2;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return again(argv[1]);
	snprintf(path, sizeof(path), "%s", argv[0]);
	run("plain", "say", NULL, NULL);
	run("preloaded", "say", "LD_PRELOAD=" FOLDER "/wrap.so", NULL);
	run("a bad one is left out", "say", "LD_PRELOAD=/no/such.so", NULL);
	run("all bound at once", "say", "LD_BIND_NOW=1", NULL);
	run("not there", "open", NULL, NULL);
	run("in a folder of the environment", "open", "LD_LIBRARY_PATH=/nowhere:" FOLDER "/more",
	    NULL);
	strcpy(path, FOLDER "/lacking");
	run("a function is missing, and not called", "x", NULL, NULL);
	run("and called", NULL, NULL, NULL);
	run("and bound at once", "x", "LD_BIND_NOW=1", NULL);
	strcpy(path, FOLDER "/bereft");
	run("an object is missing", NULL, NULL, NULL);
	return 0;
}
