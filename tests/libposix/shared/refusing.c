/* The words of our loader's errors, and a file that ends before its segments do. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char data[1 << 20];

static void try(const char *path, int mode)
{
	void *h = dlopen(path, mode);
	const char *text = h ? "opened" : dlerror(), *at;

	/* Not where the test lies. */
	while ((at = strstr(text, FOLDER "/"))) {
		printf("%.*s", (int)(at - text), text);
		text = at + strlen(FOLDER "/");
	}
	puts(text);
}

int main(void)
{
	ssize_t size;
	int fd;

	fd = open(FOLDER "/left.so", O_RDONLY);
	size = read(fd, data, sizeof(data));
	close(fd);
	try("no-such.so", RTLD_NOW);
	try("/no/such.so", RTLD_NOW);
	try("orphan.so", RTLD_NOW);
	try("broken.so", RTLD_NOW);
	try("left.so", 0);
	try("/tmp", RTLD_NOW);
	for (ssize_t n = 0; n < size && n < 3000; n += n < 100 ? 40 : 700) {
		fd = open("/tmp/cut.so", O_WRONLY | O_CREAT | O_TRUNC, 0755);
		write(fd, data, (size_t)n);
		close(fd);
		try("/tmp/cut.so", RTLD_NOW);
	}
	dlsym(RTLD_DEFAULT, "no_such_symbol");
	puts(dlerror());
	dlclose(data);
	puts(strncmp(dlerror(), "not a handle", 12) ? "?" : "not a handle");
	unlink("/tmp/cut.so");
	return 0;
}
