/*
 * The files of /proc about the machine as a whole: its harts, memory, time and
 * load. Formats: proc(5).
 */
#include "procfs/procfs.h"

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/memlayout.h"
#include "core/irq.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/time.h"
#include "core/timens.h"
#include "dev/machine.h"
#include "fs/lock.h"
#include "lib/printf.h"
#include "proc/room.h"
#include "proc/uts.h"
#include "sbi/sbi.h"
#include "sync/cmdline.h"
#include "sync/log.h"

#define TICK_NS	   (NSEC_PER_SEC / 100) /* USER_HZ */
#define LOAD_SHIFT 11

int cmdline_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%s\n", cmdline());
	return 0;
}

int version_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%s version %s (tarn) (compiler %s) %s\n", first_uts.sysname,
		    first_uts.release, __VERSION__, first_uts.version);
	return 0;
}

int cpuinfo_show(struct text *out, const struct subject *s __unused)
{
	for (unsigned h = 0; h < nr_harts; h++) {
		text_printf(out, "processor\t: %u\n", h);
		text_printf(out, "hart\t\t: %lu\n", hart_sbi_id[h]);
		text_printf(out, "isa\t\t: %s\n", cpu_isa);
		text_puts(out, "mmu\t\t: sv39\n");
		text_printf(out, "mvendorid\t: 0x%lx\n", sbi_info.mvendorid);
		text_printf(out, "marchid\t\t: 0x%lx\n", sbi_info.marchid);
		text_printf(out, "mimpid\t\t: 0x%lx\n", sbi_info.mimpid);
		text_printf(out, "hart isa\t: %s\n\n", cpu_isa);
	}
	return 0;
}

/* --- memory ----------------------------------------------------------------- */

static void slab_row(const char *name, size_t size, u64 used, u64 total, void *arg)
{
	text_printf(arg,
		    "%-17s %6lu %6lu %6lu %4lu %4d : tunables %4d %4d %4d : slabdata %6d %6d %6d\n",
		    name, used, total, size, size < PAGE_SIZE ? PAGE_SIZE / size : 1, 1, 0, 0, 0, 0,
		    0, 0);
}

int slabinfo_show(struct text *out, const struct subject *s __unused)
{
	text_puts(out,
		  "slabinfo - version: 2.1\n"
		  "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
		  " : tunables <limit> <batchcount> <sharedfactor>"
		  " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	slab_for_each(slab_row, out);
	return 0;
}

int swaps_show(struct text *out, const struct subject *s __unused)
{
	text_puts(out, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

/* --- file locks --------------------------------------------------------------- */

struct lock_lines {
	struct text *out;
	const struct pid_ns *pidns; /* whose numbers are told */
	u64 at, skip; /* lines */
};

/* Under a spinlock: the text has room already. */
static bool lock_row(const struct lock_line *l, void *arg)
{
	static const char *const kinds[] = {
		[LOCK_RECORD] = "POSIX  ADVISORY ",	    [LOCK_OFD] = "OFDLCK ADVISORY ",
		[LOCK_FLOCK] = "FLOCK  ADVISORY ",	    [LOCK_LEASE] = "LEASE  ACTIVE   ",
		[LOCK_LEASE_BREAKING] = "LEASE  BREAKING ",
	};
	static const char *const types[] = {
		[F_RDLCK] = "READ",
		[F_WRLCK] = "WRITE",
		[F_UNLCK] = "UNLCK",
	};
	struct lock_lines *to = arg;
	int nr = l->pid < 0 || !to->pidns ? l->pid : nr_in(l->pid, to->pidns);

	if (!nr)
		return true;
	if (to->at++ < to->skip)
		return true;
	if (text_enough(to->out)) {
		to->out->next = to->at - 1;
		return false;
	}
	text_printf(to->out, "%lu: %s%s %s %d %02x:%02x:%lu %lu ", l->nr, l->waits ? "-> " : "",
		    kinds[l->kind], types[l->type], nr, DEV_MAJOR(l->inode->sb->dev),
		    DEV_MINOR(l->inode->sb->dev), l->inode->ino, l->start);
	if (l->end == S64_MAX)
		text_puts(to->out, "EOF\n");
	else
		text_printf(to->out, "%lu\n", l->end);
	return true;
}

int locks_show(struct text *out, const struct subject *s)
{
	struct lock_lines to = { .out = out, .pidns = s->pidns, .skip = text_begin(out) };

	if (text_room(out, TEXT_PART + 256))
		lock_for_each(lock_row, &to);
	return 0;
}

struct file_locks {
	struct lock_lines to;
	const struct file *file;
	const void *table; /* of descriptors */
	u64 nr;
};

static bool file_lock_row(const struct lock_line *l, void *arg)
{
	struct file_locks *of = arg;
	struct lock_line line = *l;

	if (l->waits || l->inode != of->file->inode ||
	    (l->owner != of->file && l->owner != of->table))
		return true;
	line.nr = ++of->nr;
	text_puts(of->to.out, "lock:\t");
	return lock_row(&line, &of->to);
}

void file_locks_show(struct text *out, const struct file *f, const void *table)
{
	struct file_locks of = { .to = { .out = out, .pidns = current_pid_ns() },
				 .file = f,
				 .table = table };

	if (READ_ONCE(f->inode->locks) && text_room(out, TEXT_PART + 256))
		lock_for_each(file_lock_row, &of);
}

/* --- interrupts --------------------------------------------------------------- */

static void irq_row(unsigned irq, const char *name, const u64 *per_hart, void *arg)
{
	text_printf(arg, "%3u: ", irq);
	for (unsigned h = 0; h < nr_harts; h++)
		text_printf(arg, "%10lu ", per_hart[h]);
	text_printf(arg, " SiFive PLIC %3u Edge      %s\n", irq, name ? name : "");
}

int interrupts_show(struct text *out, const struct subject *s __unused)
{
	text_puts(out, "           ");
	for (unsigned h = 0; h < nr_harts; h++)
		text_printf(out, "CPU%-8u", h);
	text_puts(out, "\n");
	irq_for_each(irq_row, out);
	return 0;
}

static void add_irqs(unsigned irq __unused, const char *name __unused, const u64 *per_hart,
		     void *arg)
{
	for (unsigned h = 0; h < nr_harts; h++)
		*(u64 *)arg += per_hart[h];
}

/* --- time and load -------------------------------------------------------------- */

static void cpu_row(struct text *out, const char *label, u64 user, u64 system, u64 idle, u64 iowait)
{
	text_printf(out, "%s %lu 0 %lu %lu %lu 0 0 0 0 0\n", label, user / TICK_NS,
		    system / TICK_NS, idle / TICK_NS, iowait / TICK_NS);
}

int stat_show(struct text *out, const struct subject *s __unused)
{
	u64 user = 0, system = 0, idle = 0, iowait = 0, irqs = 0;
	struct sched_stats st;
	char label[8];

	sched_stats(&st);
	for (unsigned h = 0; h < nr_harts; h++) {
		user += st.user_ns[h];
		system += st.system_ns[h];
		idle += st.idle_ns[h];
		iowait += st.iowait_ns[h];
	}
	cpu_row(out, "cpu ", user, system, idle, iowait);
	for (unsigned h = 0; h < nr_harts; h++) {
		snprintf(label, sizeof(label), "cpu%u", h);
		cpu_row(out, label, st.user_ns[h], st.system_ns[h], st.idle_ns[h], st.iowait_ns[h]);
	}
	irq_for_each(add_irqs, &irqs);
	text_printf(out, "intr %lu\n", irqs);
	text_printf(out, "ctxt %lu\n", st.switches);
	text_printf(out, "btime %lu\n",
		    (now_real() - now_mono() - (u64)timens_boot()) / NSEC_PER_SEC);
	text_printf(out, "processes %lu\n", st.forks);
	text_printf(out, "procs_running %u\n", max(st.running, 1U));
	text_printf(out, "procs_blocked %u\n", st.blocked);
	text_puts(out, "softirq 0 0 0 0 0 0 0 0 0 0 0\n");
	return 0;
}

int uptime_show(struct text *out, const struct subject *s __unused)
{
	u64 up = (now_mono() + (u64)timens_boot()) / TICK_NS, idle = 0;
	struct sched_stats st;

	sched_stats(&st);
	for (unsigned h = 0; h < nr_harts; h++)
		idle += st.idle_ns[h];
	idle /= TICK_NS;
	text_printf(out, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100, idle % 100);
	return 0;
}

int loadavg_show(struct text *out, const struct subject *s __unused)
{
	struct sched_stats st;

	sched_stats(&st);
	for (unsigned i = 0; i < 3; i++) {
		u64 l = st.load[i] + (1 << LOAD_SHIFT) / 200;

		text_printf(out, "%lu.%02lu ", l >> LOAD_SHIFT,
			    (l & ((1 << LOAD_SHIFT) - 1)) * 100 >> LOAD_SHIFT);
	}
	text_printf(out, "%u/%d %d\n", st.running, atomic_read(&nr_user_tasks), pid_newest());
	return 0;
}

/* Version 16: of a hart nine numbers, of which we keep the last three (the others count since 0). */
int schedstat_show(struct text *out, const struct subject *s __unused)
{
	struct sched_stats st;

	sched_stats(&st);
	text_printf(out, "version 16\ntimestamp %lu\n", now_mono() / (NSEC_PER_SEC / 250));
	for (unsigned h = 0; h < nr_harts; h++)
		text_printf(out, "cpu%u 0 0 0 0 0 0 %lu %lu %lu\n", h, st.run_ns[h], st.wait_ns[h],
			    st.turns[h]);
	return 0;
}

/* --- sysrq-trigger: proc(5); what else Linux's keys do is not offered -------------- */

int sysrq_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	switch (text[0]) {
	case 'b':
		machine_restart();
	case 'c':
		panic("sysrq triggered crash");
	case 'o':
		machine_poweroff();
	default:
		return 0;
	}
}
