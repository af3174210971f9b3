/*
 * A QEMU plugin that counts the instructions of all harts between two marks of the guest's, whatever the clock does
 * meanwhile: while a disk works, the clock goes on though no instruction is done. The marks are hints without an effect, `slti zero, t0, N` with N 1 (begin) or 2 (end); at each the plugin appends
 * a line to the file of its argument out=FILE: the mark's number, the count.
 *
 * Debian has no package of qemu-plugin.h; the few declarations needed stand here (QEMU,
 * docs/devel/tcg-plugins).
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXPORT	__attribute__((visibility("default")))
#define MARK(n) ((uint32_t)(n) << 20 | 0x2a013)

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*fn)(qemu_plugin_id_t id,
						      struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*fn)(unsigned hart, void *data), int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*fn)(unsigned hart, void *data), int flags,
					    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);

/* The interface's version: 1 up to QEMU 8, 2 from QEMU 9 on. What is used here is the same in both. */
EXPORT int qemu_plugin_version = API;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

#define HARTS 64

static uint64_t counts[HARTS]; /* each only of its hart's thread */
static int out = -1;

static void block(unsigned hart, void *data)
{
	counts[hart % HARTS] += (uintptr_t)data;
}

static void mark(unsigned hart, void *data)
{
	char line[40];
	uint64_t count = 0;
	int len;

	(void)hart;
	for (int i = 0; i < HARTS; i++)
		count += __atomic_load_n(&counts[i], __ATOMIC_RELAXED);
	len = snprintf(line, sizeof(line), "%lu %lu\n", (unsigned long)(uintptr_t)data,
		       (unsigned long)count);
	if (write(out, line, (size_t)len) != len)
		fprintf(stderr, "count: a mark could not be written\n");
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, block, 0, (void *)n);
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t word = 0;

		if (qemu_plugin_insn_size(insn) == 4)
			memcpy(&word, qemu_plugin_insn_haddr(insn), 4);
		if (word == MARK(1) || word == MARK(2))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, 0,
							       (void *)(uintptr_t)(word >> 20));
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			out = open(argv[i] + 4, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
				   0666);
	if (out < 0) {
		fprintf(stderr, "count: out=FILE is needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
