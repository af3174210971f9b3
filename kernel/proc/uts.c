/*
 * The system's name (uname(2)). sysname and machine are those of the ABI that
 * programs were built for; release is the version of Linux whose behaviour it
 * has. sethostname(2) and setdomainname(2) write under uts_lock.
 */
#include "proc/uts.h"

spinlock_t uts_lock = SPINLOCK_INIT(RANK_FS, "uts");

struct utsname uts = {
	.sysname = "Linux",
	.nodename = "tarn",
	.release = "6.12.0-tarn",
	.version = "#1 SMP Tarn",
	.machine = "riscv64",
	.domainname = "(none)",
};
