/*
 * A QEMU plugin that marks the kernel instructions a guest executes, in a bitmap file: bit n
 * stands for the halfword at BASE + 2n. Runs share the file, at the same time too; it only ever
 * gains bits. Arguments: out=FILE (made when absent), base=HEX, size=HEX (of the code, in bytes).
 *
 * An instruction counts as executed when QEMU translates it: it does so just before the first run.
 * Debian has no package of qemu-plugin.h; the few declarations needed stand here
 * (QEMU, docs/devel/tcg-plugins).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*tb_translated)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_translated cb);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

/* The interface's version: 1 up to QEMU 8, 2 from QEMU 9 on. What is used here is the same in both. */
EXPORT int qemu_plugin_version = PLUGIN_VERSION;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

static uint8_t *bits;
static uint64_t base, size;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0, n = qemu_plugin_tb_n_insns(tb); i < n; i++) {
		uint64_t at = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, i)) - base;

		if (at < size)
			__atomic_fetch_or(&bits[at / 16], 1 << (at / 2 % 8), __ATOMIC_RELAXED);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	const char *out = NULL;
	int fd;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = argv[i] + 4;
		else if (!strncmp(argv[i], "base=", 5))
			base = strtoull(argv[i] + 5, NULL, 16);
		else if (!strncmp(argv[i], "size=", 5))
			size = strtoull(argv[i] + 5, NULL, 16);
	}
	if (!out || !base || !size) {
		fprintf(stderr, "blocks: out=FILE,base=HEX,size=HEX are needed\n");
		return -1;
	}
	fd = open(out, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || ftruncate(fd, (off_t)(size / 16 + 1)))
		goto out_error;
	bits = mmap(NULL, size / 16 + 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (bits == MAP_FAILED)
		goto out_error;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
out_error:
	fprintf(stderr, "blocks: %s: %s\n", out, strerror(errno));
	return -1;
}
