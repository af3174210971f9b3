/*
 * host.c - what the machine is called: gethostname(3), and its number.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

int sethostname(const char *name, size_t len)
{
	return (int)RET(SC(__NR_sethostname, name, len));
}

int setdomainname(const char *name, size_t len)
{
	return (int)RET(SC(__NR_setdomainname, name, len));
}

static int copy(const char *from, char *to, size_t size)
{
	if (strlcpy(to, from, size) < size)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

int gethostname(char *name, size_t size)
{
	struct utsname uts;

	return uname(&uts) ? -1 : copy(uts.nodename, name, size);
}

int getdomainname(char *name, size_t size)
{
	struct utsname uts;

	return uname(&uts) ? -1 : copy(uts.domainname, name, size);
}

/* Four bytes of /etc/hostid, else none. */
long gethostid(void)
{
	int fd = open("/etc/hostid", O_RDONLY | O_CLOEXEC);
	int32_t id = 0;

	if (fd >= 0) {
		if (read(fd, &id, sizeof(id)) != sizeof(id))
			id = 0;
		close(fd);
	}
	return id;
}

int sethostid(long id)
{
	int fd = open("/etc/hostid", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int32_t word = (int32_t)id;
	int ok;

	if (fd < 0)
		return -1;
	ok = write(fd, &word, sizeof(word)) == sizeof(word);
	return close(fd) || !ok ? -1 : 0;
}
