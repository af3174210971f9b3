/*
 * sysfs as lsblk, lscpu and ip read it: kind, mode and contents of what the loopback device, a loop device without a file
 * and the first hart have there. What depends on the machine is shown by its form alone.
 */
#include "abi.h"
#include <ctype.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

static const char *kind(mode_t mode)
{
	return S_ISLNK(mode) ? "link" : S_ISDIR(mode) ? "folder" : S_ISREG(mode) ? "file" : "other";
}

/* form: each number, or list of numbers, becomes 9. */
static void show(const char *folder, const char *name, int form)
{
	char path[200], buf[300];
	struct stat st;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (lstat(path, &st)) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	say("%s: %s %o %u:%u", path, kind(st.st_mode), st.st_mode & 07777, st.st_uid, st.st_gid);
	if (S_ISLNK(st.st_mode)) {
		n = readlink(path, buf, sizeof(buf) - 1);
		buf[n < 0 ? 0 : n] = '\0';
		say(" -> %s", form && strrchr(buf, '/') ? strrchr(buf, '/') : buf);
	}
	if (S_ISREG(st.st_mode) && st.st_mode & 0400) {
		fd = open(path, O_RDONLY);
		n = read(fd, buf, sizeof(buf) - 1);
		if (n < 0)
			say(" %s", ename(errno));
		buf[n < 0 ? 0 : n] = '\0';
		close(fd);
		say(" size %ld \"", (long)st.st_size);
		for (const char *p = buf; *p; p++) {
			if (*p == '\n')
				say("\\n");
			else if (!form || !(isdigit((unsigned char)*p) || *p == '-'))
				say("%c", *p);
			else if (!isdigit((unsigned char)p[1]) && p[1] != '-')
				say("9");
		}
		say("\"");
	}
	say("\n");
}

static void all(const char *folder, int form, const char *names)
{
	char words[1000], *save, *word;

	snprintf(words, sizeof(words), "%s", names);
	for (word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save))
		show(folder, word, form);
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	say("%s to %s: %s", text, path, fd < 0 ? ename(errno) : "");
	if (fd >= 0)
		say("%s", write(fd, text, strlen(text)) < 0 ? ename(errno) : "ok");
	say("\n");
	close(fd);
}

static void setup(void)
{
	int fd = open("/modules/2-loop.ko", O_RDONLY), control; /* Debian's Linux has it as a module */

	if (fd >= 0) {
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
	control = MUST(open("/dev/loop-control", O_RDWR));
	MUST(ioctl(control, LOOP_CTL_ADD, 66));
	MUST(unshare(CLONE_NEWNET | CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(mkdir("s", 0755));
	MUST(mount("sys", "s", "sysfs", 0, NULL));
	MUST(chdir("s"));
	close(control);
}

int main(void)
{
	setup();
	SECTION("a network device");
	all("class/net", 0, "lo");
	all("class/net/lo", 0,
	    "addr_len address broadcast dev_id dev_port dormant ifindex iflink link_mode mtu operstate tx_queue_len type "
	    "subsystem statistics none");
	all("class/net/lo/statistics", 1, "rx_bytes rx_packets rx_errors rx_dropped tx_bytes tx_packets collisions multicast");
	write_to("class/net/lo/ifindex", "7");
	write_to("class/net/lo/statistics/rx_bytes", "7");
	write_to("class/net/lo/mtu", "none");
	write_to("class/net/lo/mtu", "65536");
	SECTION("a block device");
	all("block", 1, "loop66");
	all("class/block", 1, "loop66");
	all("dev/block", 1, "7:66");
	all("block/loop66", 0,
	    "alignment_offset dev discard_alignment hidden removable ro size stat subsystem holders slaves queue");
	all("block/loop66/queue", 0,
	    "hw_sector_size logical_block_size physical_block_size minimum_io_size optimal_io_size zoned dax");
	write_to("block/loop66/size", "7");
	SECTION("harts");
	all("devices/system/cpu", 1, "online offline possible present kernel_max isolated cpu0");
	all("devices/system/cpu/cpu0", 1, "topology");
	all("devices/system/cpu/cpu0/topology", 1,
	    "core_id physical_package_id package_cpus_list core_cpus_list thread_siblings_list core_siblings_list");
	SECTION("the top, and the kernel");
	all(".", 0, "block bus class dev devices firmware fs kernel module power none");
	all("kernel", 1, "mm uevent_seqnum address_bits cpu_byteorder");
	return 0;
}
