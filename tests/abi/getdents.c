/* Reading folders: getdents64, its buffer sizes, seeking, changes on the way. */
#include "abi.h"
#include <dirent.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path)
{
	char *names[2000];
	int n = 0;
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	while ((e = readdir(d)) && n < 2000) {
		char text[300];
		snprintf(text, sizeof(text), "%s(%d)", e->d_name, e->d_type);
		names[n++] = strdup(text);
	}
	closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	say("%s:", path);
	for (int i = 0; i < n; i++)
		say(" %s", names[i]);
	say("\n");
}

struct record {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

int main(void)
{
	char buf[4096], name[64];

	mkdir("d", 0755);
	mkdir("d/sub", 0755);
	put_file("d/file", "", 0, 0644);
	symlink("x", "d/link");
	mkfifo("d/fifo", 0644);
	put_file("d/.hidden", "", 0, 0644);
	SECTION("kinds");
	list("d");
	mkdir("empty", 0755);
	list("empty");
	list("none");
	list("d/file");
	SECTION("buffers");
	int fd = MUST(open("d", O_RDONLY | O_DIRECTORY));
	R(syscall(SYS_getdents64, fd, buf, 0));
	R(syscall(SYS_getdents64, fd, buf, 10));
	R(syscall(SYS_getdents64, fd, (void *)8, 4096));
	R(syscall(SYS_getdents64, 99, buf, 4096));
	int file = MUST(open("d/file", O_RDONLY));
	R(syscall(SYS_getdents64, file, buf, 4096));
	/* one entry at a time: none is lost, none comes twice */
	int seen = 0, calls = 0, aligned = 1;
	long n;
	lseek(fd, 0, SEEK_SET);
	while ((n = syscall(SYS_getdents64, fd, buf, 40)) > 0) {
		calls++;
		for (long at = 0; at < n; seen++) {
			struct record *r = (void *)(buf + at);
			aligned &= r->len % 8 == 0 && r->ino != 0;
			at += r->len;
		}
	}
	say("seen %d, many calls %d, aligned %d, end %ld\n", seen, calls > 2, aligned, n);
	R(syscall(SYS_getdents64, fd, buf, 4096));
	R(lseek(fd, 0, SEEK_SET));
	OK(syscall(SYS_getdents64, fd, buf, 4096));
	struct record *first = (void *)buf, *second = (void *)(buf + first->len);
	say("first two are dots %d %d\n", !strcmp(first->name, "."), !strcmp(second->name, ".."));
	say("types %d %d\n", first->type, second->type);
	/* a position taken from an entry comes back to the one after it */
	R(lseek(fd, first->off, SEEK_SET) >= 0);
	n = syscall(SYS_getdents64, fd, buf, 4096);
	say("after the first: %s\n", ((struct record *)buf)->name);
	SECTION("many");
	mkdir("many", 0755);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "many/entry-number-%d", i);
		put_file(name, "", 0, 0644);
	}
	DIR *d = opendir("many");
	struct dirent *e;
	int count = 0, sum = 0;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.') {
			count++;
			sum += atoi(e->d_name + 13);
		}
	say("count %d sum %d\n", count, sum);
	rewinddir(d);
	/* removing what was read loses nothing that was there all the time */
	int odd = 0;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		int k = atoi(e->d_name + 13);
		if (k % 2)
			odd++;
		snprintf(name, sizeof(name), "many/%s", e->d_name);
		unlink(name);
	}
	closedir(d);
	say("odd ones seen while unlinking %d\n", odd);
	list("many");
	R(rmdir("many"));
	SECTION("a removed folder");
	int e2 = MUST(open("empty", O_RDONLY));
	rmdir("empty");
	R(syscall(SYS_getdents64, e2, buf, 4096));
	return 0;
}
