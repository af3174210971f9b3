/*
 * ifname.c - devices by name and number: if_nametoindex(3), if_nameindex(3).
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int device_ioctl(unsigned long cmd, struct ifreq *r)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret, saved;

	if (fd < 0)
		return -1;
	ret = ioctl(fd, cmd, r);
	saved = errno;
	close(fd);
	errno = saved;
	return ret;
}

unsigned if_nametoindex(const char *name)
{
	struct ifreq r = { 0 };

	strlcpy(r.ifr_name, name, sizeof(r.ifr_name));
	return device_ioctl(SIOCGIFINDEX, &r) ? 0 : (unsigned)r.ifr_ifindex;
}

char *if_indextoname(unsigned index, char *name)
{
	struct ifreq r = { .ifr_ifindex = (int)index };

	if (!device_ioctl(SIOCGIFNAME, &r))
		return strcpy(name, r.ifr_name);
	if (errno == ENODEV)
		errno = ENXIO;
	return NULL;
}

struct if_nameindex *if_nameindex(void)
{
	struct if_nameindex *list;
	struct ifaddrs *all;
	size_t n = 0;

	if (getifaddrs(&all))
		return NULL;
	for (struct ifaddrs *a = all; a; a = a->ifa_next)
		n += a->ifa_addr->sa_family == AF_PACKET;
	list = calloc(n + 1, sizeof(*list));
	n = 0;
	for (struct ifaddrs *a = all; list && a; a = a->ifa_next) {
		if (a->ifa_addr->sa_family != AF_PACKET)
			continue;
		list[n].if_index = if_nametoindex(a->ifa_name);
		list[n].if_name = strdup(a->ifa_name);
		if (!list[n++].if_name) {
			if_freenameindex(list);
			list = NULL;
		}
	}
	freeifaddrs(all);
	if (!list)
		errno = ENOBUFS;
	return list;
}

void if_freenameindex(struct if_nameindex *list)
{
	for (struct if_nameindex *i = list; i->if_name; i++)
		free(i->if_name);
	free(list);
}
