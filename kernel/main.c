/*
 * The boot order, one call a line. kmain runs on the boot hart until tasks
 * exist; boot_rest goes on as a task that may sleep; every other hart comes in
 * at hart_main once boot_rest starts it.
 */
#include <err.h>
#include <types.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "alloc/vmap.h"
#include "arch/riscv/boot.h"
#include "arch/riscv/cpu.h"
#include "core/irq.h"
#include "core/klog.h"
#include "core/lockup.h"
#include "core/ntp.h"
#include "core/random.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "core/time.h"
#include "core/userns.h"
#include "core/work.h"
#include "debug/selftest.h"
#include "debug/tracepoint.h"
#include "dev/driver.h"
#include "dev/machine.h"
#include "dev/netdev.h"
#include "firmware.h"
#include "fs/fs.h"
#include "fs/userfaultfd.h"
#include "ipc/ids.h"
#include "keys/keys.h"
#include "lib/parse.h"
#include "mm/vm.h"
#include "net/socket.h"
#include "proc/proc.h"
#include "sbi/sbi.h"
#include "net/ipconfig.h"
#include "net/net.h"
#include "sync/cmdline.h"
#include "sync/log.h"
#include "syscall/syscall.h"

static void log_options(void)
{
	char seconds[16];
	s64 n;

	console_loglevel = (int)cmdline_u64("loglevel", cmdline_flag("quiet") ? LOG_WARNING : 7);
	if (cmdline_get("panic", seconds, sizeof(seconds)) > 0 && !parse_s64(seconds, 0, &n))
		panic_timeout = (int)clamp(n, -1L, (s64)S32_MAX);
}

static void memory_init(void)
{
	const void *spare, *end;

	page_init(boot_ram_base(), boot_ram_size());
	boot_mem_release(page_add_free);
	dt_spare(&spare, &end);
	page_add_free(virt_to_phys(spare), virt_to_phys(end));
}

static void banner(void)
{
	pr_info("Tarn: %lu MiB of memory, harts %u, boot hart %lu, isa %s%s", boot_ram_size() >> 20,
		nr_harts, hart_sbi_id[0], cpu_isa, cpu_features.sstc ? ", Sstc" : "");
	pr_info("command line: %s", cmdline());
}

/* Task context, interrupts on: all that may sleep. */
static void boot_rest(void *arg __unused)
{
	user_limits_init(proc_max_threads() / 2);
	vfs_init();
	net_init();
	ipc_init();
	keys_init();
	userfaultfd_init();
	tracepoint_init();
	syscall_init();
	drivers_probe();
	harts_start();
	net_threads_start();
	ipconfig(&init_net);
	selftest_run();
	provoke();
	mount_root();
	init_start();
}

void kmain(u64 boot_hart, paddr_t dtb)
{
	sbi_init();
	firmware_read(boot_hart, dtb);
	log_options();
	banner();
	kernel_map_init();
	memory_init();
	slab_init();
	vmap_init();
	hart_init();
	time_init(dt_timebase());
	machine_again = machine_restart_after;
	ntp_init();
	sched_init();
	sched_hart_init(0);
	rcu_init();
	workqueue_init();
	klog_init();
	lockup_init();
	random_init();
	firmware_seed();
	mm_init();
	if (IS_ERR(kthread_start(boot_rest, NULL, "boot")))
		panic("no memory for the boot task");
	idle_loop();
}

void hart_main(void)
{
	sched_hart_init(hart_id());
	irq_hart_init();
	idle_loop();
}
