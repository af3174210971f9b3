/* What dlopen and dlsym refuse; nothing of it stays. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char data[1 << 20];
static size_t size;

/* Whether an error is told once, and only once. */
static const char *told(void)
{
	const char *first = dlerror();

	return !first ? "nothing told" : dlerror() ? "told twice" : "told";
}

static void try(const char *what, const char *path, int mode)
{
	void *h = dlopen(path, mode);

	printf("%s: %s, %s\n", what, h ? "opened" : "refused", h ? "" : told());
	if (h)
		dlclose(h);
}

/* A copy of base.so of `n` bytes, with one byte changed. */
static void copy(const char *what, size_t n, size_t at, int byte)
{
	int fd = open("/tmp/copy.so", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	char was = data[at];

	data[at] = (char)byte;
	if (write(fd, data, n) != (ssize_t)n)
		puts("can't write");
	data[at] = was;
	close(fd);
	try(what, "/tmp/copy.so", RTLD_NOW);
}

static void *other(void *arg)
{
	(void)arg;
	return dlerror();
}

int main(void)
{
	pthread_t t;
	void *h, *result;
	int fd;

	fd = open(FOLDER "/left.so", O_RDONLY);
	size = (size_t)read(fd, data, sizeof(data));
	close(fd);
	printf("no error: %d\n", dlerror() == NULL);
	try("no such", "no-such.so", RTLD_NOW);
	try("no such path", "/no/such.so", RTLD_NOW);
	try("no mode", "left.so", 0);
	try("a folder", "/tmp", RTLD_NOW);
	try("its need is not there", "orphan.so", RTLD_NOW);
	try("a symbol is not there", "broken.so", RTLD_NOW);
	try("when called only", "broken.so", RTLD_LAZY);
	h = dlopen("broken.so", RTLD_LAZY);
	printf("%d\n", h ? ((int (*)(int))dlsym(h, "broken"))(0) : -1);
	printf("no symbol: %d %s\n", dlsym(h, "absent") == NULL, told());
	dlclose(h);
	copy("a whole copy", size, 0, 0x7f);
	copy("not ELF", size, 1, 'X');
	copy("wrong machine", size, 18, 62);
	copy("wrong class", size, 4, 1);
	copy("an empty file", 0, 0, 0x7f);
	copy("30 bytes", 30, 0, 0x7f);
	copy("100 bytes", 100, 0, 0x7f);
	dlopen("no-such.so", RTLD_NOW);
	pthread_create(&t, NULL, other, NULL);
	pthread_join(t, &result);
	printf("another thread's: %d, ours: %s\n", result != NULL, told());
	unlink("/tmp/copy.so");
	return 0;
}
