/*
 * loop(4): /dev/loop-control, LOOP_CONFIGURE and LOOP_SET_FD with their refusals, what is read and written on
 * the way to the file, offsets and limits, devices that let go by themselves, one on another.
 */
#include "abi.h"
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static int control;

static void setup(void)
{
	int fd = open("/modules/2-loop.ko", O_RDONLY); /* Debian's Linux has it as a module */

	if (fd >= 0) {
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
	control = MUST(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
}

static int new_file(const char *name, int blocks)
{
	char buf[512];
	int fd = MUST(open(name, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0644));

	for (int i = 0; i < blocks; i++) {
		memset(buf, 'a' + i % 26, sizeof(buf));
		MUST(write(fd, buf, sizeof(buf)));
	}
	return fd;
}

/* A free device, open. */
static int loop_open(int flags)
{
	char name[40];
	int n = MUST(ioctl(control, LOOP_CTL_GET_FREE));

	snprintf(name, sizeof(name), "/dev/loop%d", n);
	return MUST(open(name, flags | O_CLOEXEC));
}

static void look(int dev)
{
	struct loop_info64 info;
	struct stat st;
	unsigned long long bytes = 1;
	unsigned long blocks = 1;
	int ro = 7, size = 7;

	memset(&info, 0xff, sizeof(info));
	R(ioctl(dev, LOOP_GET_STATUS64, &info));
	if (!ioctl(dev, LOOP_GET_STATUS64, &info))
		say("  offset %llu limit %llu flags %x name '%s' crypt %u\n", (long long)info.lo_offset,
		    (long long)info.lo_sizelimit, info.lo_flags, info.lo_file_name, info.lo_encrypt_type);
	ioctl(dev, BLKGETSIZE64, &bytes);
	ioctl(dev, BLKGETSIZE, &blocks);
	ioctl(dev, BLKROGET, &ro);
	ioctl(dev, BLKSSZGET, &size);
	MUST(fstat(dev, &st));
	say("  bytes %llu blocks %lu ro %d sector %d major %d kind %o end %ld\n", bytes, blocks, ro, size,
	    (int)(st.st_rdev >> 8 & 0xfff), st.st_mode & S_IFMT, (long)lseek(dev, 0, SEEK_END));
}

static void look_old(int dev)
{
	struct loop_info old;

	memset(&old, 0xff, sizeof(old));
	R(ioctl(dev, LOOP_GET_STATUS, &old));
	if (!ioctl(dev, LOOP_GET_STATUS, &old))
		say("  offset %d flags %x name '%s' crypt %d %d\n", old.lo_offset, old.lo_flags, old.lo_name,
		    old.lo_encrypt_type, old.lo_encrypt_key_size);
}

/* The older form of the status. */
static void old_status(int dev)
{
	struct loop_info old = { .lo_offset = 2048, .lo_name = "old" };
	struct loop_info64 info;

	R(ioctl(dev, LOOP_SET_STATUS, &old));
	look(dev);
	look_old(dev);
	old.lo_offset = -512;
	R(ioctl(dev, LOOP_SET_STATUS, &old));
	look_old(dev);
	R(ioctl(dev, LOOP_SET_STATUS, NULL));
	R(ioctl(dev, LOOP_GET_STATUS, NULL));
	MUST(ioctl(dev, LOOP_GET_STATUS64, &info));
	info.lo_offset = 1ULL << 32;
	R(ioctl(dev, LOOP_SET_STATUS64, &info));
	look_old(dev);
	old.lo_offset = 0;
	R(ioctl(dev, LOOP_SET_STATUS, &old));
}

static void first_byte(int fd, long at)
{
	char c = '?';
	ssize_t n = pread(fd, &c, 1, at);

	say("  at %ld: %d %c\n", at, (int)n, n == 1 && c ? c : '-');
}

static void controls(void)
{
	int a, b;

	R(ioctl(control, LOOP_CTL_REMOVE, -1));
	R(ioctl(control, LOOP_CTL_REMOVE, 250));
	R(ioctl(control, 0x4c99, 0));
	a = MUST(ioctl(control, LOOP_CTL_GET_FREE));
	b = MUST(ioctl(control, LOOP_CTL_GET_FREE));
	say("the same: %d\n", a == b);
	R(ioctl(control, LOOP_CTL_ADD, a));
	R(ioctl(control, LOOP_CTL_ADD, 77));
	R(ioctl(control, LOOP_CTL_ADD, 77));
	R(access("/dev/loop77", F_OK));
	R(access("/sys/block/loop77/size", F_OK));
}

static void unbound(void)
{
	int dev = loop_open(O_RDWR);
	char buf[512];

	look(dev);
	R(read(dev, buf, 512));
	R(write(dev, buf, 512));
	R(ioctl(dev, LOOP_CLR_FD, 0));
	R(ioctl(dev, LOOP_SET_CAPACITY, 0));
	R(ioctl(dev, LOOP_SET_DIRECT_IO, 0));
	R(ioctl(dev, LOOP_SET_BLOCK_SIZE, 512));
	R(ioctl(dev, LOOP_CHANGE_FD, 0));
	R(ioctl(dev, LOOP_SET_FD, 99));
	R(ioctl(dev, LOOP_SET_FD, control));
	R(ioctl(dev, LOOP_SET_FD, dev));
	R(ioctl(dev, LOOP_CONFIGURE, NULL));
	R(ioctl(dev, LOOP_GET_STATUS64, NULL));
	close(dev);
}

static void plain(void)
{
	struct loop_info64 info = { 0 };
	int dev = loop_open(O_RDWR), other, file = new_file("f", 100);
	char buf[1024], name[40];
	struct stat st;

	R(ioctl(dev, LOOP_SET_FD, file));
	R(ioctl(dev, LOOP_SET_FD, file));
	look(dev);
	first_byte(dev, 0);
	first_byte(dev, 512 * 25);
	first_byte(dev, 512 * 99 + 511);
	first_byte(dev, 512 * 100);
	memset(buf, 'X', sizeof(buf));
	R(pwrite(dev, buf, 1024, 512 * 3));
	R(pwrite(dev, buf, 100, 512 * 6 + 7));
	R(pwrite(dev, buf, 1024, 512 * 99));
	R(pwrite(dev, buf, 512, 512 * 100));
	R(fsync(dev));
	first_byte(file, 512 * 3);
	first_byte(file, 512 * 5);
	first_byte(file, 512 * 6 + 6);
	first_byte(file, 512 * 6 + 7);
	first_byte(file, 512 * 99);
	MUST(fstat(file, &st));
	say("  file %ld\n", (long)st.st_size);
	/* The status: another part of it. */
	info.lo_offset = 1024;
	info.lo_sizelimit = 5120;
	strcpy((char *)info.lo_file_name, "a name");
	R(ioctl(dev, LOOP_SET_STATUS64, &info));
	look(dev);
	first_byte(dev, 0);
	first_byte(dev, 512);
	first_byte(dev, 5119);
	first_byte(dev, 5120);
	info.lo_sizelimit = 0;
	info.lo_offset = 512 * 200;
	R(ioctl(dev, LOOP_SET_STATUS64, &info));
	look(dev);
	info.lo_offset = -1;
	R(ioctl(dev, LOOP_SET_STATUS64, &info));
	info.lo_offset = 0;
	info.lo_encrypt_type = 1;
	R(ioctl(dev, LOOP_SET_STATUS64, &info));
	info.lo_encrypt_type = 0;
	info.lo_encrypt_key_size = 33;
	R(ioctl(dev, LOOP_SET_STATUS64, &info));
	info.lo_encrypt_key_size = 0;
	R(ioctl(dev, LOOP_SET_STATUS64, &info));
	old_status(dev);
	/* A file that grows. */
	MUST(ftruncate(file, 512 * 120));
	look(dev);
	R(ioctl(dev, LOOP_SET_CAPACITY, 0));
	look(dev);
	first_byte(dev, 512 * 110);
	/* Who has it open keeps it. */
	snprintf(name, sizeof(name), "/proc/self/fd/%d", dev);
	other = MUST(open(name, O_RDONLY | O_CLOEXEC));
	R(ioctl(dev, LOOP_CLR_FD, 0));
	R(ioctl(other, LOOP_SET_CAPACITY, 0));
	close(other);
	look(dev);
	close(dev);
	dev = loop_open(O_RDWR);
	look(dev);
	close(dev);
	close(file);
}

static void configured(void)
{
	struct loop_config c = { 0 };
	int dev = loop_open(O_RDWR), again, file = new_file("g", 40), ro = MUST(open("g", O_RDONLY));
	char name[40], link[100] = "";
	char buf[512] = "", *map;
	int fd;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", dev);
	MUST(readlink(name, link, sizeof(link) - 1));
	c.fd = file;
	c.info.lo_flags = 2;
	R(ioctl(dev, LOOP_CONFIGURE, &c));
	c.info.lo_flags = 0;
	c.block_size = 500;
	R(ioctl(dev, LOOP_CONFIGURE, &c));
	c.block_size = 512;
	c.info.lo_sizelimit = 1 + ~0ULL / 2;
	R(ioctl(dev, LOOP_CONFIGURE, &c));
	c.info.lo_sizelimit = 0;
	c.info.lo_offset = 700;
	c.info.lo_flags = LO_FLAGS_AUTOCLEAR;
	R(ioctl(dev, LOOP_CONFIGURE, &c));
	look(dev);
	first_byte(dev, 0);
	first_byte(dev, 512 * 37);
	close(dev);
	again = MUST(open(link, O_RDWR));
	say("let go by itself\n");
	look(again);
	/* For reading alone: the file, or the device, or the flag. */
	c.info.lo_offset = 0;
	c.fd = ro;
	R(ioctl(again, LOOP_CONFIGURE, &c));
	look(again);
	R(write(again, buf, 512));
	close(again);
	again = MUST(open(link, O_RDWR));
	c.fd = ro;
	MUST(ioctl(again, LOOP_CONFIGURE, &c));
	fd = open(link, O_RDWR);
	say("opened for writing: %d\n", fd >= 0);
	R(write(fd, buf, 512));
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	say("mapped: %s\n", map == MAP_FAILED ? ename(errno) : "yes");
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	say("mapped to read: %s\n", map == MAP_FAILED ? ename(errno) : "yes");
	R(mprotect(map, 4096, PROT_READ | PROT_WRITE));
	munmap(map, 4096);
	close(fd);
	close(again);
	again = MUST(open(link, O_RDWR));
	c.fd = file;
	c.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_READ_ONLY;
	R(ioctl(again, LOOP_CONFIGURE, &c));
	look(again);
	close(again);
	again = MUST(open(link, O_RDONLY));
	c.info.lo_flags = LO_FLAGS_AUTOCLEAR;
	R(ioctl(again, LOOP_CONFIGURE, &c));
	look(again);
	close(again);
	close(file);
	close(ro);
}

static void stacked(void)
{
	struct loop_config c = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int file = new_file("h", 60), one = loop_open(O_RDWR), two;
	char buf[4096], *map;

	c.fd = file;
	c.info.lo_offset = 512;
	MUST(ioctl(one, LOOP_CONFIGURE, &c));
	two = loop_open(O_RDWR);
	c.fd = one;
	MUST(ioctl(two, LOOP_CONFIGURE, &c));
	look(two);
	first_byte(two, 0);
	memset(buf, 'Z', sizeof(buf));
	R(pwrite(two, buf, 4096, 1024));
	R(fsync(two));
	first_byte(file, 512 * 4);
	first_byte(file, 512 * 11 + 511);
	first_byte(file, 512 * 12);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, two, 4096);
	say("map %c\n", *map);
	memset(map, 'M', 4096);
	R(msync(map, 4096, MS_SYNC));
	munmap(map, 4096);
	R(fsync(two));
	first_byte(file, 512 * 10);
	close(two);
	close(one);
	close(file);
}

static void sysfs(void)
{
	static const char *const attrs[] = { "autoclear", "dio", "offset", "partscan", "sizelimit" };
	struct loop_config c = { .info.lo_flags = LO_FLAGS_AUTOCLEAR,
				 .info.lo_offset = 512,
				 .info.lo_sizelimit = 8192 };
	int file = new_file("s", 20), dev = loop_open(O_RDWR), n = -1;
	char path[100], text[300], link[100] = "", fd[40];
	FILE *f;

	snprintf(fd, sizeof(fd), "/proc/self/fd/%d", dev);
	MUST(readlink(fd, link, sizeof(link) - 1));
	n = atoi(link + strlen("/dev/loop"));
	snprintf(path, sizeof(path), "/sys/block/loop%d/loop/backing_file", n);
	say("before: %d\n", access(path, F_OK));
	c.fd = file;
	MUST(ioctl(dev, LOOP_CONFIGURE, &c));
	f = fopen(path, "r");
	say("backing file: %s", f && fgets(text, sizeof(text), f) && strrchr(text, '/') ? strrchr(text, '/') : "?\n");
	if (f)
		fclose(f);
	for (unsigned i = 0; i < ARRAY_SIZE(attrs); i++) {
		snprintf(path, sizeof(path), "/sys/block/loop%d/loop/%s", n, attrs[i]);
		f = fopen(path, "r");
		say("%s: %s", attrs[i], f && fgets(text, sizeof(text), f) ? text : "?\n");
		if (f)
			fclose(f);
	}
	snprintf(path, sizeof(path), "/sys/block/loop%d/size", n);
	f = fopen(path, "r");
	say("size: %s", f && fgets(text, sizeof(text), f) ? text : "?\n");
	fclose(f);
	f = fopen("/proc/devices", "r");
	while (fgets(text, sizeof(text), f))
		if (strstr(text, "loop"))
			say("devices: %s", text);
	fclose(f);
	f = fopen("/proc/misc", "r");
	while (fgets(text, sizeof(text), f))
		if (strstr(text, "loop"))
			say("misc: %s", text);
	fclose(f);
	f = fopen("/proc/partitions", "r");
	while (fgets(text, sizeof(text), f))
		if (strstr(text, "loop"))
			say("partition of %d blocks\n", atoi(text + 13));
	fclose(f);
	close(dev);
	close(file);
}

int main(void)
{
	setup();
	in_child("control", controls);
	in_child("unbound", unbound);
	in_child("plain", plain);
	in_child("configured", configured);
	in_child("stacked", stacked);
	in_child("sysfs", sysfs);
	return 0;
}
